import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { type Observable, of } from 'rxjs';
import { z } from 'zod';
import { CurrentSession, Gateway, type GatewaySession, Payload, Subscribe, defineProtocol } from 'nestwire';
import { type TestApp, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';

const User = z.strictObject({ name: z.string() });

const Users = defineProtocol('users.v1', {
  client: { find: { payload: z.string(), reply: User }, all: { stream: User } },
  server: { joined: User },
});

/** Written without types, as an application that reads from a database may well be. */
@Gateway({ path: '/users', protocol: Users })
class UsersGateway {
  private readonly rows: Record<string, { name: string }> = {
    ann: { name: 'Ann' },
    eve: { name: 'Eve', password: 'secret' } as { name: string },
  };

  @Subscribe(Users, 'find')
  find(key: string): { name: string } {
    return this.rows[key]!;
  }

  @Subscribe(Users, 'all')
  all(): Observable<{ name: string }> {
    return of(...Object.values(this.rows));
  }

  @Subscribe('push')
  push(@Payload() key: string, @CurrentSession() session: GatewaySession): string {
    session.push('joined', this.rows[key]);
    return 'pushed';
  }
}

describe.each([
  [true, ['exception', 'exception', 'exception']],
  [false, ['find', 'all', 'joined']],
])('with validateOutbound %s, what the schema refuses', (validateOutbound, events) => {
  let running: TestApp;
  let client: WsClient;

  beforeAll(async () => {
    running = await startApp({ module: { providers: [UsersGateway] }, nestwire: { validateOutbound } });
    client = await WsClient.connect(`ws://${running.address}/users`, ['users.v1']);
  });

  afterAll(() => running.close());

  it(`comes as ${events.join(', ')}`, async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    expect(await client.request('find', 'ann')).toEqual({ event: 'find', id: 'r', data: { name: 'Ann' } });
    const find = await client.request('find', 'eve');
    expect(await client.request('all')).toEqual({ event: 'all', id: 'r', data: { name: 'Ann' }, more: true });
    const item = await client.next();
    if (!validateOutbound) await client.next(); // the end of the stream
    const push = await client.request('push', 'eve');

    expect([find, item, push].map(({ event }) => event)).toEqual(events);
    expect(JSON.stringify([find, item, push]).includes('secret')).toBe(!validateOutbound);
    const reasons = validateOutbound ? ['answer to "find"', 'item of "all"', 'push of "joined"'] : [];
    expect(logged.mock.calls.map(([message]) => String(message))).toEqual(
      reasons.map((reason) => expect.stringContaining(`${reason} refused`)),
    );
    logged.mockRestore();
  });
});
