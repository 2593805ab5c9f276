import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  ForbiddenException,
  Injectable,
  type ModuleMetadata,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import {
  CredentialGuard,
  type CredentialSource,
  CurrentSession,
  Gateway,
  type GatewaySession,
  type Identity,
  InvalidAuthOptionsError,
  type NestwireOptions,
  OnConnect,
  Sessions,
  Subscribe,
  Tickets,
  defineProtocol,
  sameSecret,
} from 'nestwire';
import { connectInProcess } from 'nestwire/testing';
import { type Platform, type TestApp, startApp } from '../../support/test-app.js';
import { RefusedHandshake, WsClient } from '../../support/ws-client.js';

/** Called with every token that `verify` gets; a test may wait here. */
let onVerify: (token: string) => unknown = () => undefined;

/** A token is `<name>` or `<name>/<seconds from now that it is good for>`. */
@Injectable()
class NameGuard extends CredentialGuard {
  constructor() {
    super({ from: ['authorization', 'subprotocol', 'ticket', { cookie: 'sid' }] });
  }

  protected async verify(token: string): Promise<Identity | undefined> {
    await onVerify(token);
    const [name = '', seconds] = token.split('/');
    if (name === 'banned') throw new ForbiddenException('banned');
    if (name === 'picky') throw new UnauthorizedException({ message: 'picky' });
    if (name === 'crash') throw new Error('secret');
    if (name === 'nobody') return { user: {} };
    if (name === 'forged') return undefined;
    return { user: { id: name, token }, ...(seconds && { expiresAt: Date.now() + Number(seconds) * 1000 }) };
  }
}

const Chat = defineProtocol('chat.v1', { client: {} });

@Gateway({ path: '/class', protocol: Chat })
@UseGuards(NameGuard)
class ClassGateway {
  @OnConnect()
  @UseGuards(NameGuard)
  connect(): void {}

  @Subscribe('who')
  who(@CurrentSession() session: GatewaySession): unknown {
    return session.user;
  }
}

const forever = new Promise(() => undefined);

@Gateway('/connect')
class ConnectGateway {
  @OnConnect()
  @UseGuards(NameGuard)
  connect(): void {}

  @Subscribe('block')
  block(): unknown {
    return forever;
  }

  @Subscribe('who')
  who(@CurrentSession() session: GatewaySession): unknown {
    return session.user;
  }
}

@Gateway({ path: '/any', origin: 'any' })
@UseGuards(NameGuard)
class AnyOriginGateway {}

/** As short as can be: no constructor, no promise. */
@Injectable()
class KeyGuard extends CredentialGuard {
  protected verify(token: string): Identity | undefined {
    return sameSecret(token, 'key') ? { user: { id: 'machine' } } : undefined;
  }
}

@Gateway('/key')
@UseGuards(KeyGuard)
class KeyGateway {}

const module: ModuleMetadata = {
  providers: [ClassGateway, ConnectGateway, AnyOriginGateway, KeyGateway, NameGuard, KeyGuard],
};

const inSubprotocol = (token: string): string => `bearer.${Buffer.from(token).toString('base64url')}`;

describe.each<Platform>(['Express', 'Fastify'])('a gateway under a CredentialGuard on %s', (platform) => {
  let running: TestApp | undefined;

  afterEach(async () => {
    onVerify = () => undefined;
    await running?.close();
    running = undefined;
  });

  async function start(nestwire?: NestwireOptions): Promise<string> {
    running = await startApp({ platform, module, ...(nestwire && { nestwire }) });
    return `ws://${running.address}`;
  }

  const connect = (url: string, token: string): Promise<WsClient> =>
    WsClient.connect(url, [], { Authorization: `Bearer ${token}` });

  async function refusal(
    url: string,
    headers: Record<string, string> = {},
    protocols: string[] = [],
  ): Promise<RefusedHandshake> {
    const refused = await WsClient.connect(url, protocols, headers).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(RefusedHandshake);
    return refused as RefusedHandshake;
  }

  const sessions = (): Sessions => running!.app.get(Sessions, { strict: false });
  const tickets = (): Tickets => running!.app.get(Tickets, { strict: false });

  it.each(['/class', '/connect'])('lets clients in to %s by their token, and knows them', async (path) => {
    const verified: string[] = [];
    onVerify = (token) => verified.push(token);
    const client = await connect(`${await start()}${path}`, 'ann');

    expect(await client.request('who')).toMatchObject({ data: { id: 'ann' } });
    expect(verified).toEqual(['ann']);
    await client.close();
  });

  it('may be one without a constructor', async () => {
    const url = await start();
    const client = await connect(`${url}/key`, 'key');

    expect(sessions().ofPrincipal('machine')).toHaveLength(1);
    expect((await refusal(`${url}/key`, { Authorization: 'Bearer quay' })).status).toBe(401);
    await client.close();
  });

  it('lets browsers in by an item among the subprotocols, which is not selected', async () => {
    const client = await WsClient.connect(`${await start()}/class`, [inSubprotocol('ann'), 'chat.v1']);

    expect(client.socket.protocol).toBe('chat.v1');
    expect(await client.request('who')).toMatchObject({ data: { id: 'ann' } });
    await client.close();
  });

  it('lets clients in by a ticket, once', async () => {
    const url = await start();
    const ticket = tickets().issue({ user: { id: 'ann', way: 'ticket' } });
    const client = await WsClient.connect(`${url}/class?ticket=${ticket}`);

    expect(await client.request('who')).toMatchObject({ data: { way: 'ticket' } });
    expect((await refusal(`${url}/class?ticket=${ticket}`)).status).toBe(401);
    await client.close();
  });

  it('refuses with 401 and a challenge who brings no credential, or a bad one', async () => {
    const url = await start();
    const none = await refusal(`${url}/class`);
    const bad = await refusal(`${url}/class`, { Authorization: 'Bearer forged' });

    expect([none.status, none.headers['www-authenticate']]).toEqual([401, 'Bearer']);
    expect(JSON.parse(none.body)).toMatchObject({ statusCode: 401, message: 'A credential is required' });
    expect([bad.status, bad.headers['www-authenticate']]).toEqual([401, 'Bearer error="invalid_token"']);
    expect(JSON.parse(bad.body)).toMatchObject({ statusCode: 401, message: 'The credential is not valid' });
  });

  it.each([
    ['banned', 403, 'banned', undefined],
    ['picky', 401, 'picky', 'Bearer error="invalid_token"'],
    ['crash', 500, 'Internal server error', undefined],
    ['nobody', 500, 'Internal server error', undefined],
    ['late/0', 401, 'The credential is not valid', 'Bearer error="invalid_token"'],
  ])('answers the token "%s" with %d', async (token, status, message, challenge) => {
    const refused = await refusal(`${await start()}/connect`, { Authorization: `Bearer ${token}` });

    expect([refused.status, refused.headers['www-authenticate']]).toEqual([status, challenge]);
    expect(JSON.parse(refused.body)).toMatchObject({ message });
    expect(sessions().ofPrincipal('late')).toEqual([]);
  });

  it('finds the sessions of a principal, and revokes them with 4403', async () => {
    const url = await start();
    const [one, two, bob] = [
      await connect(`${url}/class`, 'ann'),
      await connect(`${url}/connect`, 'ann'),
      await connect(`${url}/class`, 'bob'),
    ];
    expect(sessions().ofPrincipal('ann')).toHaveLength(2);
    await expect(sessions().revoke('ann', 'x'.repeat(124))).rejects.toThrow('124 bytes');
    await sessions().revoke('ann', 'signed out');

    expect(await one.closed).toEqual({ code: 4403, reason: 'signed out' });
    expect(await two.closed).toEqual({ code: 4403, reason: 'signed out' });
    expect(await bob.request('who')).toMatchObject({ data: { id: 'bob' } });
    expect(sessions().ofPrincipal('ann')).toEqual([]);
    await bob.close();
  });

  it('does not let in who was revoked while the token was verified', async () => {
    const url = await start();
    onVerify = () => sessions().revoke('ann');

    expect((await refusal(`${url}/class`, { Authorization: 'Bearer ann' })).status).toBe(401);
  });

  it('closes with 4401 when the token expires', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      await start();
      const headers = { Authorization: 'Bearer ann/60' };
      const client = await connectInProcess(running!.app, '/class', { headers });
      await jest.advanceTimersByTimeAsync(59_000);
      expect(await client.request('who')).toMatchObject({ id: 'ann' });
      await jest.advanceTimersByTimeAsync(3_000);

      expect(await client.closed).toMatchObject({ code: 4401, reason: 'credentials expired' });
    } finally {
      jest.useRealTimers();
    }
  });

  it('takes a new token in-band, even while a message is running, and tells when it expires', async () => {
    const url = await start();
    const client = await connect(`${url}/connect`, 'ann/2');
    const answer = await client.request('nestwire:token', { token: 'ann/3600' });

    const { expiresAt } = answer['data'] as { expiresAt: number };
    expect(expiresAt).toBeGreaterThan(Date.now() + 3_000_000);
    expect(await client.request('who')).toMatchObject({ data: { token: 'ann/3600' } });
    expect(await client.request('nestwire:token', { token: 'ann' })).toEqual({
      event: 'nestwire:token',
      id: 'r',
      data: {},
    });
    client.send({ event: 'block', id: 1 });
    expect(await client.request('nestwire:token', { token: 'ann' })).toMatchObject({ id: 'r', data: {} });
    await client.close();
  });

  it.each([
    ['forged', { token: 'forged' }, 401, 'TOKEN_REFUSED'],
    ['expired', { token: 'ann/0' }, 401, 'TOKEN_REFUSED'],
    ['banned', { token: 'banned' }, 403, 'FORBIDDEN'],
    ['not to be verified', { token: 'crash' }, 500, 'INTERNAL_SERVER_ERROR'],
    ['empty', { token: '' }, 400, 'TOKEN_REFUSED'],
    ['no text', { token: 7 }, 400, 'TOKEN_REFUSED'],
    ['too long', { token: 'x'.repeat(8_193) }, 400, 'TOKEN_REFUSED'],
    ['not there', undefined, 400, 'TOKEN_REFUSED'],
  ])('goes on with the old token when an in-band one is %s', async (_, data, statusCode, code) => {
    const client = await connect(`${await start()}/class`, 'ann');

    expect(await client.request('nestwire:token', data)).toMatchObject({
      event: 'exception',
      id: 'r',
      data: { statusCode, code },
    });
    expect(await client.request('who')).toMatchObject({ data: { token: 'ann' } });
    await client.close();
  });

  it('closes with 4403 for an in-band token of another principal', async () => {
    const client = await connect(`${await start()}/class`, 'ann');
    client.send({ event: 'nestwire:token', id: 1, data: { token: 'bob' } });

    expect(await client.closed).toMatchObject({ code: 4403 });
  });

  it('verifies one in-band token of a session at a time', async () => {
    const client = await connect(`${await start()}/class`, 'ann');
    let go: (value?: unknown) => void = () => undefined;
    onVerify = () => new Promise((resolve) => (go = resolve));
    client.send({ event: 'nestwire:token', id: 1, data: { token: 'ann/10' } });
    expect(await client.request('nestwire:token', { token: 'ann/20' }, 2)).toMatchObject({
      id: 2,
      data: { statusCode: 429, code: 'TOKEN_PENDING' },
    });

    go();
    expect(await client.next()).toMatchObject({ event: 'nestwire:token', id: 1 });
    await client.close();
  });

  describe('whose credential is a cookie', () => {
    const cookie = { Cookie: 'sid=ann' };

    it.each([
      ['its own origin', {}, true],
      ['the same site, as the browser says', { 'Sec-Fetch-Site': 'same-origin' }, false],
    ])('lets in from %s', async (_, headers, withOrigin) => {
      const url = await start();
      const origin = withOrigin ? { Origin: url.replace('ws', 'http') } : {};

      for (const path of ['/class', '/any']) {
        const client = await WsClient.connect(`${url}${path}`, [], { ...cookie, ...headers, ...origin });
        await client.close();
      }
    });

    it.each(['/class', '/any'])('refuses %s with 403 to other origins, and to none', async (path) => {
      const url = await start();

      for (const origin of [{ Origin: 'https://evil.com' }, { Origin: 'null' }, {}]) {
        expect((await refusal(`${url}${path}`, { ...cookie, ...origin })).status).toBe(403);
      }
    });

    it('lets in from listed origins', async () => {
      const url = await start({ origin: ['https://good.com'] });
      const client = await WsClient.connect(`${url}/class`, [], { ...cookie, Origin: 'https://good.com' });

      expect(await client.request('who')).toMatchObject({ data: { id: 'ann' } });
      await client.close();
    });
  });
});

describe('a CredentialGuard', () => {
  it.each<[readonly CredentialSource[]]>([[[]], [['query' as 'ticket']], [[{ cookie: '' }]]])(
    'has no use for the sources %j',
    (from) => {
      class Guard extends CredentialGuard {
        protected verify = (): undefined => undefined;
      }
      expect(() => Reflect.construct(Guard, [{ from }]) as unknown).toThrow(InvalidAuthOptionsError);
    },
  );
});
