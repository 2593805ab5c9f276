import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CanActivate, type ExecutionContext, ParseIntPipe, UseGuards, UsePipes } from '@nestjs/common';
import {
  CurrentSession,
  EventName,
  Gateway,
  type GatewaySession,
  Payload,
  Subscribe,
  defineProtocol,
} from 'nestwire';
import { NEVER, type Observable } from 'rxjs';
import { z } from 'zod';
import { type TestApp, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';

const guarded: unknown[] = [];

class NotingGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    guarded.push(context.switchToWs().getPattern());
    return true;
  }
}

@Gateway('/wild')
class WildGateway {
  @Subscribe('chat.send')
  send(): string {
    return 'send';
  }

  @Subscribe('chat.*')
  chat(@EventName() event: string, @Payload() data: unknown): unknown {
    return ['chat', event, data];
  }

  @Subscribe('room.*')
  @UseGuards(NotingGuard)
  @UsePipes(ParseIntPipe)
  room(
    @Payload() data: number,
    @EventName() event: string,
    @CurrentSession() session: GatewaySession,
  ): unknown {
    return ['room', event, data, session.transport];
  }

  @Subscribe('watch.*')
  watch(): Observable<never> {
    return NEVER;
  }

  @Subscribe('*')
  other(_session: GatewaySession, data: unknown, event: string): unknown {
    return ['other', event, data];
  }
}

const TypedProtocol = defineProtocol('typed.v1', {
  client: { known: { payload: z.object({ n: z.number() }), reply: z.number() }, unhandled: {} },
});

@Gateway({ path: '/typed', protocol: TypedProtocol })
class TypedGateway {
  @Subscribe(TypedProtocol, 'known')
  known({ n }: { n: number }): number {
    return n;
  }

  @Subscribe('*')
  other(@EventName() event: string): string {
    return event;
  }
}

describe('a handler of several events', () => {
  let running: TestApp;
  let client: WsClient;

  const dataOf = async (event: string, data?: unknown): Promise<unknown> =>
    (await client.request(event, data))['data'];

  beforeAll(async () => {
    running = await startApp({ module: { providers: [WildGateway, TypedGateway] } });
    client = await WsClient.connect(`ws://${running.address}/wild`);
  });
  afterAll(() => running.close());

  it('gets what has none of its own', async () => {
    expect(await dataOf('chat.send', 1)).toBe('send');
    expect(await dataOf('chat.edit', 1)).toEqual(['chat', 'chat.edit', 1]);
    expect(await dataOf('news', 1)).toEqual(['other', 'news', 1]);
  });

  it('is told the event among enhancers too, which pipes leave alone', async () => {
    expect(await dataOf('room.7', '12')).toEqual(['room', 'room.7', 12, 'websocket']);
    expect(guarded).toEqual(['room.7']);
  });

  it('does not get what is reserved', async () => {
    expect(await dataOf('nestwire:unknown')).toMatchObject({ code: 'UNKNOWN_EVENT' });
    client.send({ event: 'watch.1', id: 1 });
    client.send({ event: 'nestwire:cancel', id: 1 });

    expect(await client.request('watching?', undefined, 1)).toMatchObject({
      data: ['other', 'watching?', null],
    });
  });

  it('stands beside a protocol, whose own events keep their schemas', async () => {
    const typed = await WsClient.connect(`ws://${running.address}/typed`);

    expect(await typed.request('known', { n: 'x' })).toMatchObject({ data: { code: 'VALIDATION_FAILED' } });
    expect(await typed.request('known', { n: 1 })).toMatchObject({ data: 1 });
    expect(await typed.request('unhandled')).toMatchObject({ data: 'unhandled' });
  });
});
