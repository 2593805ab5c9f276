/** A8: whoever comes back to a session is asked again. */
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
} from 'nestwire';
import { type TestClient, connectInProcess } from 'nestwire/testing';
import { type TestApp, startApp } from '../support/test-app.js';

@Injectable()
class NameGuard extends CredentialGuard {
  protected verify(token: string): Identity | undefined {
    const [sub, seconds] = token.split('/');
    if (token.endsWith('!')) return undefined;
    return { user: { sub, token }, ...(seconds && { expiresAt: Date.now() + Number(seconds) * 1_000 }) };
  }
}

@Gateway('/kept')
class KeptGateway {
  @OnConnect()
  @UseGuards(NameGuard)
  connect(): void {}

  @Subscribe('who')
  who(@CurrentSession() session: GatewaySession): unknown {
    return session.user;
  }
}

interface Introduction {
  readonly id: string;
  readonly secret: string;
  readonly resumed: boolean;
}

describe('A8: a session that is resumed', () => {
  let running: TestApp;

  beforeEach(async () => {
    running = await startApp({ module: { providers: [KeptGateway, NameGuard] } });
  });

  afterEach(async () => {
    await running.close();
  });

  const connect = (token: string, ticket: string): Promise<TestClient> =>
    connectInProcess(running.app, `/kept?nestwire-session=${ticket}`, {
      headers: { Authorization: `Bearer ${token}` },
    });

  /** What the client comes back with. */
  const ticketOf = ({ id, secret }: Introduction): string => `${id}.${secret}`;

  async function introduced(client: TestClient): Promise<Introduction> {
    return (await client.next('nestwire:session')).data as Introduction;
  }

  async function leave(client: TestClient): Promise<string> {
    const ticket = ticketOf(await introduced(client));
    client.terminate();
    await client.closed;
    return ticket;
  }

  async function comeBack(token: string, ticket: string): Promise<TestClient> {
    const client = await connect(token, ticket);
    client.socket.send(JSON.stringify({ event: 'nestwire:resume', data: { received: 0, cursors: {} } }));
    return client;
  }

  it('is given back to its principal, who is known by the new token from then on', async () => {
    const ticket = await leave(await connect('ann', 'new'));
    const again = await comeBack('ann/3600', ticket);

    expect(await introduced(again)).toMatchObject({ resumed: true });
    expect(await again.request('who')).toEqual({ sub: 'ann', token: 'ann/3600' });
    expect(running.app.get(Sessions).ofPrincipal('ann')).toHaveLength(1);
  });

  it.each([
    ['bob', 403],
    ['ann!', 401],
    ['ann/0', 401],
  ])('S8: is not given to the token "%s": %d, and is still there', async (token, status) => {
    const ticket = await leave(await connect('ann', 'new'));
    await expect(connect(token, ticket)).rejects.toMatchObject({ status });

    expect(await introduced(await comeBack('ann', ticket))).toMatchObject({ resumed: true });
  });

  it('is gone when its principal was revoked meanwhile', async () => {
    const ticket = await leave(await connect('ann', 'new'));
    await running.app.get(Sessions).revoke('ann');

    expect(await introduced(await comeBack('ann', ticket))).toMatchObject({ resumed: false });
    expect(running.app.get(Sessions).ofPrincipal('ann')).toHaveLength(1);
  });

  it('outlives its credential, and waits for a client with a new one', async () => {
    const client = await connect('ann/1', 'new');
    const ticket = ticketOf(await introduced(client));
    expect(await client.closed).toMatchObject({ code: 4401 });

    expect(await introduced(await comeBack('ann', ticket))).toMatchObject({ resumed: true });
  });

  it('takes new tokens after it was resumed', async () => {
    const ticket = await leave(await connect('ann', 'new'));
    const again = await comeBack('ann', ticket);

    expect(await again.renew('ann/3600')).toBeGreaterThan(Date.now());
    expect(await again.request('who')).toMatchObject({ token: 'ann/3600' });
  });
});
