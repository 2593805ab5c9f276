/** What is no gateway's may answer in place of one, and must not end the process of who asked. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect } from 'nestwire/client';
import { WebSocketServer } from 'nestwire/websocket';
import { filter, firstValueFrom, toArray, take } from 'rxjs';
import { sessionMessage } from './support/fake-transport.js';

describe('A client whose server', () => {
  let server: WebSocketServer;
  /** What it sends behind the session. */
  let odd: string;

  beforeEach(async () => {
    server = new WebSocketServer({ port: 0 });
    server.on('connection', (socket) => {
      socket.send(JSON.stringify(sessionMessage()));
      socket.on('message', () => socket.send(odd));
    });
    await once(server, 'listening');
  });

  afterEach(
    () =>
      new Promise<void>((resolve) => {
        for (const socket of server.clients) socket.terminate();
        server.close(() => resolve());
      }),
  );

  const open = (): ReturnType<typeof connect> => {
    const { port } = server.address() as AddressInfo;
    return connect(`ws://127.0.0.1:${port}/`, {
      transports: ['websocket'],
      backOff: { minMs: 1, maxMs: 5 },
    });
  };

  it.each([
    'null',
    '5',
    '[]',
    '{}',
    '{"event":null}',
    '{"event":"nestwire:session"}',
    '{"event":"nestwire:session","data":{}}',
    '{"event":"nestwire:gap"}',
    '{"event":"nestwire:joined","data":null}',
    '{"event":"nestwire:pong"}',
  ])('sends %s takes the connection for lost, and comes back', async (message) => {
    odd = message;
    const client = open();
    const states = firstValueFrom(
      client.status$.pipe(
        filter(({ state }) => state !== 'connecting'),
        take(3),
        toArray(),
      ),
    );
    client.send('anything');
    expect(await states).toMatchObject([
      { state: 'open' },
      { state: 'waiting', code: 1006 },
      { state: 'open' },
    ]);
    client.close();
  });

  it('answers with an exception that says nothing is told so by the request', async () => {
    odd = '{"event":"exception","id":1}';
    const client = open();
    await expect(client.request('anything')).rejects.toMatchObject({ name: 'RequestFailedError' });
    client.close();
  });
});
