import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable, UseGuards } from '@nestjs/common';
import {
  CredentialGuard,
  CurrentSession,
  Gateway,
  type GatewaySession,
  OnConnect,
  Subscribe,
  Tickets,
} from 'nestwire';
import { type Client, type TransportKind, connect } from 'nestwire/client';
import { filter, firstValueFrom, skip } from 'rxjs';
import { TcpProxy } from '../support/tcp-proxy.js';
import { type TestApp, startApp } from '../support/test-app.js';

@Injectable()
class TicketGuard extends CredentialGuard {
  constructor() {
    super({ from: ['ticket'] });
  }

  protected verify(): undefined {
    // nothing but tickets
  }
}

@Gateway('/who')
class WhoGateway {
  connects = 0;

  @OnConnect()
  @UseGuards(TicketGuard)
  connect(): void {
    this.connects++;
  }

  @Subscribe('who')
  who(@CurrentSession() session: GatewaySession): unknown {
    return session.user;
  }
}

describe('A client with tickets', () => {
  let app: TestApp;
  let proxy: TcpProxy;
  let client: Client;

  beforeEach(async () => {
    app = await startApp({
      module: { providers: [WhoGateway, TicketGuard] },
      // no long wait for a client that is gone
      nestwire: { limits: { closeWaitMs: 100 } },
    });
    proxy = await TcpProxy.start(Number(app.address.split(':')[1]));
  });

  afterEach(async () => {
    client.close();
    await proxy.stop();
    await app.close();
  });

  it.each<TransportKind>(['websocket', 'event-stream', 'long-polling'])(
    'comes in, and comes back, over %s with a new one each time',
    async (transport) => {
      const tickets = app.app.get(Tickets);
      client = connect(`http://${proxy.address}/who`, {
        transports: [transport],
        ticket: () => tickets.issue({ user: { id: 'ann' } }),
        backOff: { minMs: 1, maxMs: 20 },
      });
      expect(await client.request('who')).toEqual({ id: 'ann' });
      const back = firstValueFrom(
        client.status$.pipe(
          skip(1),
          filter(({ state }) => state === 'open'),
        ),
      );
      proxy.cut();
      await back;
      expect(await client.request('who')).toEqual({ id: 'ann' });
      expect(app.app.get(WhoGateway).connects).toBe(1);
    },
  );
});
