/** Credentials against a gateway of a real application: forged, guessed, stolen by a page, too many, too late. */
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable, UseGuards } from '@nestjs/common';
import {
  CredentialGuard,
  CurrentSession,
  Gateway,
  type GatewaySession,
  type Identity,
  OnConnect,
  Sessions,
  Subscribe,
  Tickets,
} from 'nestwire';
import {
  type ConnectionRefusedError,
  type TestClient,
  type TestClientOptions,
  connectInProcess,
} from 'nestwire/testing';
import { connectRaw, handshake, readAll, textFrame } from '../support/raw-http.js';
import { type TestApp, startApp } from '../support/test-app.js';

const verified: string[] = [];
const handled: string[] = [];
let gate: Promise<unknown> | undefined;

/** `<principal>` or `<principal>/<seconds>`; names that end in `!` are forged. */
@Injectable()
class HostileGuard extends CredentialGuard {
  constructor() {
    super({ from: ['authorization', 'subprotocol', 'ticket', { cookie: 'sid' }] });
  }

  protected async verify(token: string): Promise<Identity | undefined> {
    verified.push(token);
    await gate;
    const [sub, seconds = '60'] = token.split('/');
    if (token.endsWith('!')) return undefined;
    return { user: { sub }, expiresAt: Date.now() + Number(seconds) * 1_000 };
  }
}

@Gateway({ path: '/safe', concurrency: 8 })
class SafeGateway {
  @OnConnect()
  @UseGuards(HostileGuard)
  connect(): void {}

  @Subscribe('who')
  who(@CurrentSession() session: GatewaySession): unknown {
    handled.push('who');
    return session.user;
  }
}

@Gateway({ path: '/open', origin: 'any' })
class OpenGateway extends SafeGateway {}

describe('Credentials', () => {
  let running: TestApp;
  let bystander: TestClient;

  beforeEach(async () => {
    running = await startApp({ module: { providers: [SafeGateway, OpenGateway, HostileGuard] } });
    bystander = await connect({ headers: { Authorization: 'Bearer bystander' } });
    verified.length = 0;
    handled.length = 0;
  });

  afterEach(async () => {
    gate = undefined;
    expect(await bystander.request('who')).toEqual({ sub: 'bystander' });
    await running.close();
  });

  const connect = (options: TestClientOptions, path = '/safe'): Promise<TestClient> =>
    connectInProcess(running.app, path, { waitMs: 20_000, ...options });

  const statusOf = (options: TestClientOptions, path?: string): Promise<number> =>
    connect(options, path).then(
      () => 101,
      (refused: unknown) => (refused as ConnectionRefusedError).status,
    );

  const subprotocol = (token: string): string => `bearer.${Buffer.from(token).toString('base64url')}`;

  it.each([
    ['A1: of an evil page', { Origin: 'https://evil.com' }],
    ['A2: of a page whose name looks like ours', { Origin: 'http://localhost.evil.com' }],
    ['A2: of a page on another port', { Origin: 'http://localhost:81' }],
    ['A2: of a page of no origin', { Origin: 'null' }],
    ['A3: without an origin', {}],
    ['A3: of a page of the same site, not the same origin', { 'Sec-Fetch-Site': 'same-site' }],
  ])('in a cookie %s are refused with 403 and not verified, whoever else may connect', async (_, headers) => {
    for (const path of ['/safe', '/open']) {
      expect(await statusOf({ headers: { ...headers, Cookie: 'sid=ann' } }, path)).toBe(403);
    }
    expect(verified).toEqual([]);
  });

  it('in a header need no origin where any may connect, since no page can send it', async () => {
    const headers = { Origin: 'https://evil.com', Authorization: 'Bearer ann' };

    expect(await statusOf({ headers }, '/open')).toBe(101);
    expect(await statusOf({ headers }, '/safe')).toBe(403);
  });

  it('A4: that expire live close with 4401, and only theirs', async () => {
    const client = await connect({ headers: { Authorization: 'Bearer ann/1' } });

    expect(await client.closed).toMatchObject({ code: 4401 });
  });

  it('A5: in messages are data and nothing else', async () => {
    const client = await connect({ headers: { Authorization: 'Bearer ann' } });
    const forged = {
      event: 'who',
      id: 1,
      user: { sub: 'admin' },
      headers: { authorization: 'Bearer admin' },
      data: { user: { sub: 'admin' }, token: 'admin' },
      ['__proto__']: { user: { sub: 'admin' } },
    };
    client.socket.send(JSON.stringify(forged));

    expect(await client.next('who')).toMatchObject({ data: { sub: 'ann' } });
  });

  it('A6: that almost are a ticket are worth nothing, and cost the ticket nothing', async () => {
    const ticket = running.app.get(Tickets).issue({ user: { sub: 'ann' } });
    const almost = [
      ticket.slice(0, -1),
      `${ticket}x`,
      ticket.toLowerCase() === ticket ? ticket.toUpperCase() : ticket.toLowerCase(),
      `${ticket}&ticket=${ticket}`,
      '',
      '__proto__',
    ];

    for (const guess of almost) expect(await statusOf({}, `/safe?ticket=${guess}`)).toBe(401);
    expect(await statusOf({}, `/safe?ticket=${ticket}`)).toBe(101);
    expect(await statusOf({}, `/safe?ticket=${ticket}`)).toBe(401);
    expect(verified).toEqual([]);
  });

  it('A6: redeemed twice at once admit once', async () => {
    const ticket = running.app.get(Tickets).issue({ user: { sub: 'ann' } });
    const statuses = await Promise.all([1, 2, 3, 4].map(() => statusOf({}, `/safe?ticket=${ticket}`)));

    expect(statuses.sort()).toEqual([101, 401, 401, 401]);
  });

  it('A7: that are refused have had nothing dispatched that came behind the handshake', async () => {
    const socket = await connectRaw(running.address);
    const request = handshake(running.address, {
      path: '/safe',
      headers: { Authorization: 'Bearer ann!' },
    });
    socket.write(Buffer.concat([Buffer.from(request), textFrame('{"event":"who","id":1}')]));

    expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 401 /);
    expect(handled).toEqual([]);
  });

  it.each([
    ['a header that is none', { headers: { Authorization: 'Bearer \u00e4' } }],
    ['two tokens in one header', { headers: { Authorization: 'Bearer a, Bearer b' } }],
    ['two subprotocols', { subprotocols: [subprotocol('a'), subprotocol('b')] }],
    ['a subprotocol with line breaks', { subprotocols: [subprotocol('a\r\nb')] }],
    ['an empty subprotocol', { subprotocols: ['bearer.'] }],
  ])('in %s are refused with 401 and not verified', async (_, options) => {
    expect(await statusOf(options)).toBe(401);
    expect(verified).toEqual([]);
  });

  it('among thousands of cookies are found, or not, without harm', async () => {
    const headers = { Cookie: `${'a=1;'.repeat(1_500)}sid=ann`, 'Sec-Fetch-Site': 'same-origin' };
    expect(await statusOf({ headers })).toBe(101);
    const Cookie = `${'sid'.repeat(2_000)}=ann`;
    expect(await statusOf({ headers: { ...headers, Cookie } })).toBe(401);
  });

  it.each(['__proto__', 'constructor'])('of a principal "%s" are his alone', async (principal) => {
    const ticket = running.app.get(Tickets).issue({ user: 1, principal });
    const client = await connect({}, `/safe?ticket=${ticket}`);
    const sessions = running.app.get(Sessions);
    expect(sessions.ofPrincipal(principal)).toHaveLength(1);
    await sessions.revoke(principal);

    expect(await client.closed).toMatchObject({ code: 4403 });
  });

  it('sent in-band by the thousand are verified one at a time', async () => {
    const client = await connect({ headers: { Authorization: 'Bearer ann' } });
    let open: (value?: unknown) => void = () => undefined;
    gate = new Promise((resolve) => (open = resolve));
    verified.length = 0;
    const message = (id: number): string =>
      JSON.stringify({ event: 'nestwire:token', id, data: { token: `ann/${id}0` } });
    for (let id = 1; id <= 1_000; id++) client.socket.send(message(id));
    for (let refused = 2; refused <= 1_000; refused++) {
      expect(await client.next('exception')).toMatchObject({ data: { code: 'TOKEN_PENDING' } });
    }

    expect(verified).toEqual(['ann/10']);
    open();
    expect(await client.next('nestwire:token')).toMatchObject({ id: 1 });
  });

  it('that a client leaves over are forgotten, also in the middle of a verification', async () => {
    const sessions = running.app.get(Sessions);
    let open: (value?: unknown) => void = () => undefined;
    gate = new Promise((resolve) => (open = resolve));
    const socket = await connectRaw(running.address);
    socket.write(handshake(running.address, { path: '/safe', headers: { Authorization: 'Bearer ghost' } }));
    while (verified.length === 0) await turn();
    const gone = once(socket, 'close');
    socket.resetAndDestroy();
    await gone;
    open();

    for (let i = 0; i < 100; i++) await turn();
    expect(sessions.ofPrincipal('ghost')).toEqual([]);
  });
});
