import { connect as connectTcp } from 'node:net';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { CurrentSession, Gateway, type GatewaySession, type NestwireOptions, OnConnect } from 'nestwire';
import { handshake } from '../support/raw-http.js';
import { type Platform, type TestApp, startApp } from '../support/test-app.js';
import { RefusedHandshake, WsClient } from '../support/ws-client.js';

const platforms: readonly Platform[] = ['Express', 'Fastify'];
const addresses: string[] = [];
let sessions: GatewaySession[] = [];
let running: TestApp | undefined;

@Gateway('/live')
class LiveGateway {
  @OnConnect()
  connect(@CurrentSession() session: GatewaySession): Promise<void> | undefined {
    addresses.push(session.remoteAddress);
    sessions.push(session);
    if ('wait' in session.query) return new Promise(() => {});
    return 'later' in session.query ? wait(20) : undefined;
  }
}

afterEach(async () => {
  sessions = [];
  await running?.close();
  running = undefined;
});

async function start(nestwire: NestwireOptions, platform: Platform = 'Express'): Promise<TestApp> {
  running = await startApp({ module: { providers: [LiveGateway] }, nestwire, platform });
  return running;
}

const open = ({ address }: TestApp, client?: string): Promise<WsClient> =>
  WsClient.connect(`ws://${address}/live`, [], client === undefined ? {} : { 'X-Forwarded-For': client });

/** The status of a handshake. */
async function knock(app: TestApp, client?: string): Promise<number> {
  try {
    await open(app, client);
    return 101;
  } catch (error) {
    if (error instanceof RefusedHandshake) return error.status;
    throw error;
  }
}

/** A client whose `@OnConnect` never ends. */
async function waiting({ address }: TestApp) {
  const before = sessions.length;
  const [host, port] = address.split(':');
  const socket = connectTcp(Number(port), host);
  socket.on('error', () => {});
  socket.write(handshake(address, { path: '/live?wait' }));
  while (sessions.length === before) await turn();
  return { socket, session: sessions.at(-1)! };
}

describe.each(platforms)('gateways on %s', (platform) => {
  it('know the address of a client behind trusted proxies', async () => {
    const app = await start({ trustedProxies: ['127.0.0.1', '10.0.0.0/8'] }, platform);
    await open(app, '6.6.6.6, 203.0.113.9, 10.1.1.1');
    expect(addresses.at(-1)).toBe('203.0.113.9');
  });

  it('let no more connections in than there is room for', async () => {
    const app = await start({ limits: { connections: 2 } }, platform);
    const client = await open(app);
    expect([await knock(app), await knock(app)]).toEqual([101, 503]);
    client.socket.close();
    await client.closed;
    while ((await knock(app)) !== 101);
  });

  it.each<[string, (peer: Awaited<ReturnType<typeof waiting>>['socket']) => unknown]>([
    ['FIN', (socket) => socket.end()],
    ['a reset', (socket) => socket.resetAndDestroy()],
  ])('see %s while guards and @OnConnect decide', async (_what, leave) => {
    const app = await start({ limits: { pendingHandshakes: 1, connections: 1 } }, platform);
    const { socket, session } = await waiting(app);
    expect(await knock(app)).toBe(503);
    const ended = new Promise((resolve) => session.closed$.subscribe(resolve));
    leave(socket);
    expect(await ended).toMatchObject({ code: 1006, clean: false });
    while ((await knock(app)) !== 101);
  });
});

describe('gateways', () => {
  it('take no client’s word for its address', async () => {
    await open(await start({}), '203.0.113.9');
    expect(addresses.at(-1)).toBe('127.0.0.1');
  });

  it('compare origins with the host that a trusted proxy was asked for', async () => {
    const { address } = await start({ trustedProxies: ['127.0.0.1'] });
    const from = (origin: string): Promise<WsClient> =>
      WsClient.connect(`ws://${address}/live`, [], { Origin: origin, 'X-Forwarded-Host': 'example.com' });
    await from('https://example.com');
    await expect(from(`http://${address}`)).rejects.toMatchObject({ status: 403 });
  });

  it('let no more connections of an address in than it may have', async () => {
    const app = await start({ trustedProxies: ['127.0.0.1'], limits: { connectionsPerAddress: 1 } });
    expect(await knock(app, '203.0.113.1')).toBe(101);
    expect(await knock(app, '203.0.113.1')).toBe(429);
    expect(await knock(app, '203.0.113.2')).toBe(101);
  });

  it('let no more handshakes of an address in than it may make in a second', async () => {
    const app = await start({ limits: { connectionRate: 1 } });
    const statuses = await Promise.all(Array.from({ length: 10 }, () => knock(app)));
    expect(statuses).toContain(101);
    expect(statuses).toContain(429);
  });

  it('keep what a client sends before it is let in', async () => {
    const app = await start({});
    const [host, port] = app.address.split(':');
    const socket = connectTcp(Number(port), host);
    const early = Buffer.concat([Buffer.from([0x89, 0x85, 0, 0, 0, 0]), Buffer.from('early')]);
    socket.write(handshake(app.address, { path: '/live?later' }));
    socket.write(early);
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    while (!answer.endsWith('\x8a\x05early')) await turn();
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
  });

  it('close a client without messages with 4408, and tell @OnDisconnect so', async () => {
    const app = await start({ limits: { idleMs: 100 } });
    const client = await open(app);
    const ended = new Promise((resolve) => sessions.at(-1)!.closed$.subscribe(resolve));
    const close = { code: 4408, reason: 'no message for 100 ms' };
    expect(await client.closed).toEqual(close);
    expect(await ended).toEqual({ code: 4408, reason: expect.any(String), clean: true });
  });
});
