import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that Linux gives to connections and to servers that ask for any: of those, one that was free a
 * moment ago is often taken when many tests run. Redis Cluster adds 10,000. Browsers refuse 10,080.
 */
const FROM = 10_100;
const TO = 22_000;

/** A port that was free a moment ago, and that nobody gets who does not ask for it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FROM, TO);
    const server = createServer();
    try {
      await once(server.listen(port), 'listening');
    } catch {
      continue; // taken
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}
