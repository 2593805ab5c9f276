import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable, UseGuards } from '@nestjs/common';
import { CredentialGuard, Gateway, type Identity, OnConnect, Subscribe, defineProtocol } from 'nestwire';
import { type Client, type TransportKind, connect } from 'nestwire/client';
import { z } from 'zod';
import { type TestApp, startApp } from '../support/test-app.js';

const protocol = defineProtocol('member.v1', {
  client: { echo: { payload: z.number(), reply: z.number() } },
});

const LATER = Date.now() + 3_600_000;

@Injectable()
class TokenGuard extends CredentialGuard {
  protected verify(token: string): Identity | undefined {
    const [user, minutes] = token.split('.');
    if (user !== 'ann') return undefined;
    return { user: { id: user }, principal: user, expiresAt: LATER + Number(minutes) };
  }
}

@Gateway({ path: '/members', protocol })
class MemberGateway {
  @OnConnect()
  @UseGuards(TokenGuard)
  connect(): void {
    // whoever has a token may come in
  }

  @Subscribe(protocol, 'echo')
  echo(number: number): number {
    return number;
  }
}

describe.each<TransportKind>(['websocket', 'long-polling'])('A new token over %s', (transport) => {
  let app: TestApp;
  let client: Client<typeof protocol>;
  let tokens: string[];

  beforeEach(async () => {
    app = await startApp({ module: { providers: [MemberGateway, TokenGuard] } });
    tokens = ['ann.1', 'ann.2', 'bob.3'];
    client = connect(`http://${app.address}/members`, {
      protocol,
      transports: [transport],
      token: () => tokens.shift()!,
    });
    await client.request('echo', 1);
  });

  afterEach(async () => {
    client.close();
    await app.close();
  });

  it('is taken, and its expiry told; one that is refused changes nothing', async () => {
    expect(await client.refreshToken()).toBe(LATER + 2);
    await expect(client.refreshToken()).rejects.toMatchObject({ code: 'TOKEN_REFUSED' });
    expect(await client.request('echo', 7)).toBe(7);
  });
});
