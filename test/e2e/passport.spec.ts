import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable, UseGuards } from '@nestjs/common';
import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import { CurrentSession, Gateway, type GatewaySession, OnConnect, Sessions, Subscribe } from 'nestwire';
import { type TestClient, connectInProcess } from 'nestwire/testing';
import { Strategy } from 'passport-http-bearer';
import { type TestApp, startApp } from '../support/test-app.js';

interface User {
  readonly id: string;
}

@Injectable()
class TokenStrategy extends PassportStrategy(Strategy, 'token') {
  validate(token: string): User | false {
    return token === 'forged' ? false : { id: token };
  }
}

@Gateway('/passport')
class PassportGateway {
  constructor(private readonly sessions: Sessions) {}

  @OnConnect()
  @UseGuards(AuthGuard('token'))
  connect(@CurrentSession() session: GatewaySession): void {
    this.sessions.authenticate(session, { user: session.user });
  }

  @Subscribe('who')
  who(@CurrentSession() session: GatewaySession): unknown {
    return session.user;
  }
}

describe.each(['Express', 'Fastify'] as const)("Passport's AuthGuard on %s", (platform) => {
  let running: TestApp;

  beforeAll(async () => {
    running = await startApp({ platform, module: { providers: [TokenStrategy, PassportGateway] } });
  });

  afterAll(() => running.close());

  const connect = (headers: Record<string, string>): Promise<TestClient> =>
    connectInProcess(running.app, '/passport', { headers });

  it('lets clients in, whom Sessions then can find and revoke', async () => {
    const client = await connect({ Authorization: 'Bearer ann' });
    expect(await client.request('who')).toEqual({ id: 'ann' });

    await running.app.get(Sessions).revoke('ann');
    expect(await client.closed).toMatchObject({ code: 4403 });
  });

  it.each([{}, { Authorization: 'Bearer forged' }, { Authorization: 'Bearer' }])(
    'refuses %j with 401',
    async (headers) => {
      await expect(connect(headers as Record<string, string>)).rejects.toMatchObject({ status: 401 });
    },
  );
});
