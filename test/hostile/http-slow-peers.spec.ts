/** Clients of gateways over plain HTTP that don't take what is sent to them. */
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type CloseDetails, CurrentSession, Gateway, GatewaySession, OnConnect } from 'nestwire';
import { HttpGatewayClient, messagesOf } from '../support/http-gateway-client.js';
import { MiB, bytesHeld } from '../support/memory.js';
import { connectRaw } from '../support/raw-http.js';
import { type TestApp, startApp } from '../support/test-app.js';

const KiB = 1024;
/** More than the kernel takes for a client that never reads. */
const BEYOND_KERNEL = 24 * MiB;
const FILLER = 'x'.repeat(64 * KiB);

@Gateway('/flood')
class FloodGateway {
  session!: GatewaySession;
  end: CloseDetails | undefined;

  @OnConnect()
  connect(@CurrentSession() session: GatewaySession): void {
    this.session = session;
    session.closed$.subscribe((end) => (this.end = end));
  }
}

describe('A session over plain HTTP whose client takes nothing', () => {
  let running: TestApp;
  let gateway: FloodGateway;
  let client: HttpGatewayClient;
  let socket: Socket | undefined;

  beforeEach(async () => {
    const limits = { outboundBytes: 512 * KiB, closeWaitMs: 100 };
    running = await startApp({ module: { providers: [FloodGateway] }, nestwire: { limits } });
    gateway = running.app.get(FloodGateway);
    client = new HttpGatewayClient(`http://${running.address}/flood`);
    await client.create();
  });

  afterEach(async () => {
    socket?.destroy();
    await running.close();
  });

  /** @returns how much is held in the end that was not before */
  async function flood(): Promise<number> {
    const before = await bytesHeld();
    for (let sent = 0; sent < BEYOND_KERNEL; sent += FILLER.length) {
      gateway.session.push('filler', FILLER);
      await turn();
    }
    return (await bytesHeld()) - before;
  }

  async function openDeafStream(): Promise<Socket> {
    socket = await connectRaw(running.address);
    socket.pause();
    socket.write(
      `GET /flood HTTP/1.1\r\nHost: ${running.address}\r\nNestwire-Session: ${client.ticket}\r\n` +
        'Accept: text/event-stream\r\n\r\n',
    );
    const { request } = gateway.session;
    while (gateway.session.request === request) await turn();
    return gateway.session.request.socket;
  }

  it('B2: loses its stream at the limit and keeps the session, which knows what was lost', async () => {
    const wire = await openDeafStream();
    expect(await flood()).toBeLessThan(2 * MiB);
    while (!wire.destroyed) await turn();
    expect(gateway.end).toBeUndefined();

    const ack = (await client.poll()).body!['batch'] as number;
    await client.post(1, [{ event: 'nestwire:resume', data: { received: 0 } }]);
    const [gap, ...kept] = messagesOf(await client.poll(ack, 5));
    const sent = BEYOND_KERNEL / FILLER.length;
    expect(gap).toEqual({ event: 'nestwire:gap', data: { missed: sent - kept.length } });
  });

  it('L7: costs no more than the limit when it never polls again', async () => {
    await client.poll();
    expect(await flood()).toBeLessThan(2 * MiB);
    expect(gateway.end).toBeUndefined();
  });
});
