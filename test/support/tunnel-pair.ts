import { Tunnel } from '../../lib/nest/cluster/tunnel.js';
import { APPLICATION_PORT, type Visitor } from '../../lib/nest/cluster/visitor.js';

export const VISITOR: Visitor = { remoteAddress: '192.0.2.7', isEncrypted: false, port: APPLICATION_PORT };

/** Two ends of one tunnel, each letter of which takes a turn of the loop. */
export function tunnelPair(visitor = VISITOR): [Tunnel, Tunnel] {
  const ends: Tunnel[] = [];
  const end = (other: number): Tunnel =>
    new Tunnel(visitor, {
      send: (kind, number, body) => {
        const letter = { kind, number, body: Buffer.from(body), from: 'A'.repeat(12), id: 0 };
        setImmediate(() => ends[other]!.receive(letter));
      },
      closed: () => undefined,
    });
  ends.push(end(1), end(0));
  return [ends[0]!, ends[1]!];
}
