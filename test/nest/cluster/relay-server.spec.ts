import { type IncomingMessage, type ServerResponse, createServer, request as ask } from 'node:http';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { RelayServer } from '../../../lib/nest/cluster/relay-server.js';
import { portFor } from '../../../lib/nest/http/request-inlet.js';
import { DEFAULT_LIMITS } from '../../../lib/session/index.js';
import { VISITOR, tunnelPair } from '../../support/tunnel-pair.js';

const NODE = 'N'.repeat(12);
const PORT = 7001;
const ticketOf = (node: string): string => `${node}~${'0'.repeat(36)}.${'x'.repeat(24)}`;

describe('the server of requests that other nodes hand over', () => {
  const stack = createServer((request: IncomingMessage, response: ServerResponse) =>
    response.end(`${request.url} of ${portFor(request)}`),
  );
  const relay = new RelayServer({
    limits: DEFAULT_LIMITS,
    node: NODE,
    inlet: { port: PORT, stack },
    isGateway: (url) => url.startsWith('/desks'),
  });

  afterEach(() => relay.server.closeAllConnections());

  async function answerTo(path: string, ticket: string): Promise<string> {
    const [near, far] = tunnelPair({ ...VISITOR, port: PORT });
    relay.accept(far);
    const sent = ask({ createConnection: () => near, path, headers: { 'Nestwire-Session': ticket } }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const chunks = await response.toArray();
    return `${response.statusCode} ${Buffer.concat(chunks as Buffer[]).toString()}`;
  }

  it('has them served by the stack of the application, for the port that their clients came to', async () => {
    expect(await answerTo('/desks/7', ticketOf(NODE))).toBe(`200 /desks/7 of ${PORT}`);
  });

  it('is no way to sessions of other nodes, nor to anything but gateways', async () => {
    expect(await answerTo('/desks/7', ticketOf('O'.repeat(12)))).toBe('421 ');
    expect(await answerTo('/desks/7', 'new')).toBe('421 ');
    expect(await answerTo('/pages', ticketOf(NODE))).toBe('421 ');
  });
});
