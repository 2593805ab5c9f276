/** The guard that docs/authentication.md shows, with tokens as applications have them. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable, UseGuards } from '@nestjs/common';
import { JwtModule, JwtService } from '@nestjs/jwt';
import {
  CredentialGuard,
  CurrentSession,
  Gateway,
  type GatewaySession,
  type Identity,
  OnConnect,
  Subscribe,
  defineProtocol,
} from 'nestwire';
import { type TestClient, connectInProcess, connectOverNetwork } from 'nestwire/testing';
import { type TestApp, startApp } from '../support/test-app.js';

interface Claims {
  readonly sub: string;
  readonly name: string;
  readonly exp: number;
}

@Injectable()
class TokenGuard extends CredentialGuard {
  constructor(private readonly jwt: JwtService) {
    super();
  }

  protected async verify(token: string): Promise<Identity | undefined> {
    const claims = await this.jwt.verifyAsync<Claims>(token).catch(() => undefined);
    return claims && { user: claims, principal: claims.sub, expiresAt: claims.exp * 1000 };
  }
}

const Chat = defineProtocol('chat.v1', { client: {} });

@Gateway({ path: '/chat', protocol: Chat })
class ChatGateway {
  @OnConnect()
  @UseGuards(TokenGuard)
  connect(): void {}

  @Subscribe('who')
  who(@CurrentSession() session: GatewaySession): unknown {
    return (session.user as Claims).name;
  }
}

describe('a guard for JSON Web Tokens', () => {
  const jwt = new JwtService({ secret: 'of the server', signOptions: { expiresIn: '1h' } });
  let running: TestApp;

  beforeAll(async () => {
    const imports = [JwtModule.register({ secret: 'of the server' })];
    running = await startApp({ module: { imports, providers: [ChatGateway, TokenGuard] } });
  });

  afterAll(() => running.close());

  const sign = (claims: object, options = {}): string =>
    jwt.sign({ sub: '7', name: 'Ann', ...claims }, options);

  const connect = (token: string): Promise<TestClient> =>
    connectInProcess(running.app, '/chat', { headers: { Authorization: `Bearer ${token}` } });

  it('lets in by header and by subprotocol', async () => {
    const program = await connect(sign({}));
    const page = await connectOverNetwork(`ws://${running.address}/chat`, {
      subprotocols: [`bearer.${Buffer.from(sign({ name: 'Bob' })).toString('base64url')}`],
      protocol: Chat,
    });

    expect(await program.request('who')).toBe('Ann');
    expect(page.socket.protocol).toBe('chat.v1');
    page.socket.send('{"event":"who"}');
    expect(await page.next()).toMatchObject({ data: 'Bob' });
  });

  it.each([
    ['of another signature', () => sign({}, { secret: 'of somebody else' })],
    ['without a signature', () => `${sign({}).split('.').slice(0, 2).join('.')}.`],
    ['of no algorithm', () => new JwtService().sign({ sub: '7' }, { algorithm: 'none', secret: '' })],
    ['that has expired', () => sign({}, { expiresIn: -1 })],
    ['that is none', () => 'abc'],
  ])('refuses a token %s', async (_, token) => {
    await expect(connect(token())).rejects.toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    });
  });

  it('takes a new token of the same account, and closes for one of another', async () => {
    const client = await connect(sign({}));

    expect(await client.renew(sign({ name: 'Anna' }))).toBeGreaterThan(Date.now());
    expect(await client.request('who')).toBe('Anna');
    await expect(client.renew('abc')).rejects.toMatchObject({ code: 'TOKEN_REFUSED', statusCode: 401 });
    const renewed = client.renew(sign({ sub: '8' }));
    await expect(renewed).rejects.toThrow('4403');
    expect(await client.closed).toMatchObject({ code: 4403 });
  });
});
