/** Rows L of hostile clients, over plain HTTP. L4 and L6 are in e2e/http-gateway.spec.ts. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Gateway, Payload, Subscribe } from 'nestwire';
import { HttpGatewayClient } from '../support/http-gateway-client.js';
import { connectRaw, readAll } from '../support/raw-http.js';
import { type TestApp, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';

@Gateway('/desk')
class DeskGateway {
  @Subscribe('echo')
  echo(@Payload() value: unknown): unknown {
    return value;
  }
}

describe('A gateway over plain HTTP', () => {
  let running: TestApp;
  let client: HttpGatewayClient;

  beforeEach(async () => {
    running = await startApp({
      module: { providers: [DeskGateway] },
      nestwire: {
        limits: { closeWaitMs: 100, handshakeMs: 1_000, awaitedSessionsPerAddress: 3, awaitedSessions: 5 },
      },
    });
    client = new HttpGatewayClient(`http://${running.address}/desk`);
  });

  afterEach(async () => {
    await running.close();
  });

  async function connected(): Promise<HttpGatewayClient> {
    await client.create();
    await client.poll();
    return client;
  }

  const head = (rest: string): string =>
    `POST /desk HTTP/1.1\r\nHost: ${running.address}\r\nNestwire-Session: ${client.ticket}\r\n` +
    `Content-Type: application/nestwire+json\r\n${rest}\r\n\r\n`;

  async function send(text: string): Promise<Socket> {
    const socket = await connectRaw(running.address);
    socket.write(text);
    return socket;
  }

  it.each([
    ['L1', '__proto__'],
    ['L1', 'constructor.prototype'],
    ['L8', `${'a'.repeat(1_000)}.${'b'.repeat(24)}`],
  ])('%s: refuses the session %s', async (_, ticket) => {
    client.ticket = ticket;
    expect((await client.poll()).status).toBe(400);
    expect((await client.post(1, [])).status).toBe(400);
    expect((await client.request('DELETE', {})).status).toBe(400);
  });

  it('L2: answers a body that is no text', async () => {
    await connected();
    const octets = { 'Content-Type': 'application/octet-stream' };
    expect((await client.request('POST', octets, '\u0000\u0001')).status).toBe(415);
    const socket = await send(head('Content-Length: 2\r\nConnection: close'));
    socket.write(Buffer.from([0xff, 0xfe]));
    expect(await readAll(socket)).toMatch(/^HTTP\/1.1 400 /);
  });

  it('L3: reads no more of a body than it may have, whether its length is told or not', async () => {
    await connected();
    const told = await send(head('Content-Length: 10000000'));
    expect(await readAll(told)).toMatch(/^HTTP\/1.1 413 /);
    const untold = await send(head('Transfer-Encoding: chunked'));
    untold.write(`50000\r\n${'x'.repeat(0x50000)}\r\n`);
    expect(await readAll(untold)).toMatch(/^HTTP\/1.1 413 /);
  });

  it('L3: does not wait for a body that does not come', async () => {
    await connected();
    const socket = await send(`${head('Content-Length: 100')}{`);
    expect(await readAll(socket)).toMatch(/^HTTP\/1.1 408 /);
    expect((await client.post(1, [{ event: 'echo', data: 1 }])).status).toBe(202);
  });

  it('L5: gives an upgrade that names an unknown session a new one, and refuses what is no name', async () => {
    const upgrade = (session: string): Promise<WsClient> =>
      WsClient.connect(`${client.url.replace('http', 'ws')}?nestwire-session=${session}`);
    const unknown = await upgrade(`${'0'.repeat(36)}.${'x'.repeat(24)}`);
    expect(await unknown.next()).toMatchObject({ event: 'nestwire:session', data: { resumed: false } });
    unknown.socket.close();
    for (const session of ['__proto__', '%00', 'a'.repeat(5_000)]) {
      await expect(upgrade(session)).rejects.toMatchObject({ status: 400 });
    }
  });

  it('survives a body that breaks off', async () => {
    await connected();
    const socket = await send(`${head('Content-Length: 100')}{`);
    socket.destroy();
    await once(socket, 'close');
    expect((await client.post(1, [])).status).toBe(202);
  });

  it('survives a message that is nested too deeply', async () => {
    await connected();
    const type = { 'Content-Type': 'application/nestwire+json' };
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const { status } = await client.request('POST', type, `{"seq":1,"messages":[${deep}]}`);
    expect([202, 400]).toContain(status);
    expect((await client.post(status === 202 ? 2 : 1, [])).status).toBe(202);
  });

  it('L7: makes only so many sessions that nobody comes to', async () => {
    const clients = Array.from({ length: 4 }, () => new HttpGatewayClient(client.url));
    const statuses: number[] = [];
    for (const each of clients) statuses.push((await each.create()).status);
    expect(statuses).toEqual([201, 201, 201, 429]);
    await clients[0]!.poll();
    const answer = await clients[3]!.create();
    expect(answer.status).toBe(201);
    expect(await client.create()).toMatchObject({ status: 429, body: { code: 'TOO_MANY_SESSIONS' } });
  });
});
