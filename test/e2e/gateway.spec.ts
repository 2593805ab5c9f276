import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { ConnectedSocket, MessageBody } from '@nestjs/websockets';
import { type Observable, interval, map, of } from 'rxjs';
import {
  type Channel,
  Channels,
  CloseReason,
  type CloseDetails,
  CurrentSession,
  Gateway,
  GatewaySession,
  OnConnect,
  OnDisconnect,
  Payload,
  Subscribe,
} from 'nestwire';
import { type Platform, type TestApp, startApp } from '../support/test-app.js';
import { WsClient } from '../support/ws-client.js';

@Injectable()
class Greeter {
  greet(name: string): string {
    return `hello ${name}`;
  }
}

@Gateway('/chat/:room')
class ChatGateway {
  readonly log: string[] = [];
  private readonly room: Channel<string>;

  constructor(
    private readonly greeter: Greeter,
    channels: Channels,
  ) {
    this.room = channels.channel('room', { event: 'said', history: {} });
  }

  @OnConnect()
  connect(@CurrentSession() session: GatewaySession): void {
    this.log.push(`connect ${session.params['room']!} ${session.query['as'] as string}`);
    session.push('welcome', { room: session.params['room'] });
    void session.join(this.room);
  }

  @Subscribe('greet')
  greet(@Payload('name') name: string): string {
    return this.greeter.greet(name);
  }

  @Subscribe('later')
  later(@Payload() data: unknown): Promise<unknown> {
    return Promise.resolve(data);
  }

  @Subscribe('nothing')
  nothing(): void {}

  @Subscribe('count')
  count(@Payload() to: number): Observable<number> {
    return of(...Array(to).keys());
  }

  @Subscribe('tick')
  tick(): Observable<number> {
    return interval(1).pipe(map((i) => i));
  }

  @Subscribe('iterate')
  async *iterate(@Payload() to: number): AsyncGenerator<number> {
    for (let i = 0; i < to; i++) yield i;
  }

  @Subscribe('say')
  async say(@Payload() text: string): Promise<void> {
    await this.room.publish(text);
  }

  @Subscribe('undecorated')
  undecorated(session: GatewaySession, data: unknown): unknown {
    return { room: session.params['room'], data };
  }

  @Subscribe('stock')
  stock(@ConnectedSocket() session: GatewaySession, @MessageBody('a') a: unknown): unknown {
    return { id: session.id.length, a };
  }

  @Subscribe('boom')
  boom(): never {
    throw new Error('secret detail');
  }

  @Subscribe('leave')
  leave(@CurrentSession() session: GatewaySession): void {
    session.close(4001, 'as you wish');
  }

  @OnDisconnect()
  disconnect(
    @CurrentSession() session: GatewaySession,
    @CloseReason() { code, reason, clean }: CloseDetails,
  ): void {
    this.log.push(`disconnect ${session.params['room']!} ${code} ${reason} ${clean}`);
  }
}

describe.each<Platform>(['Express', 'Fastify'])('a gateway on %s', (platform) => {
  let running: TestApp | undefined;

  afterEach(async () => {
    await running?.close();
  });

  async function start(limits = {}): Promise<{ client: WsClient; gateway: ChatGateway; url: string }> {
    const module = { providers: [ChatGateway, Greeter] };
    running = await startApp({ platform, module, nestwire: { limits } });
    const url = `ws://${running.address}/chat/b%20lue?as=ann`;
    const client = await WsClient.connect(url);
    expect(await client.next()).toEqual({ event: 'welcome', data: { room: 'b lue' } });
    return { client, gateway: running.app.get(ChatGateway), url };
  }

  it('connects, answers in every way, and disconnects', async () => {
    const { client, gateway } = await start();

    expect(await client.request('greet', { name: 'ann' }, 0)).toEqual({
      event: 'greet',
      id: 0,
      data: 'hello ann',
    });
    expect(await client.request('later', [1], 'x')).toEqual({ event: 'later', id: 'x', data: [1] });
    expect(await client.request('nothing')).toEqual({ event: 'nothing', id: 'r' });
    expect(await client.request('undecorated', 7)).toMatchObject({ data: { room: 'b lue', data: 7 } });
    expect(await client.request('stock', { a: 1 })).toMatchObject({ data: { id: 36, a: 1 } });

    client.send({ event: 'count', data: 2, id: 1 });
    client.send({ event: 'iterate', data: 2, id: 2 });
    expect(await client.take(6)).toEqual([
      { event: 'count', id: 1, data: 0, more: true },
      { event: 'count', id: 1, data: 1, more: true },
      { event: 'count', id: 1 },
      { event: 'iterate', id: 2, data: 0, more: true },
      { event: 'iterate', id: 2, data: 1, more: true },
      { event: 'iterate', id: 2 },
    ]);

    await client.close(1000);
    await running!.close();
    expect(gateway.log).toEqual(['connect b lue ann', 'disconnect b lue 1000  true']);
  });

  it('delivers what is published to all who joined', async () => {
    const { client, url } = await start();
    const other = await WsClient.connect(url);
    await other.next();
    client.send({ event: 'say', data: 'hi' });

    const expected = {
      event: 'said',
      data: 'hi',
      channel: 'room',
      cursor: expect.stringMatching(/^1\..+\.1$/),
    };
    expect(await client.next()).toEqual(expected);
    expect(await other.next()).toEqual(expected);
  });

  it("says what failed, but not why when that is nobody's business", async () => {
    const { client } = await start();

    expect(await client.request('boom', undefined, 9)).toEqual({
      event: 'exception',
      id: 9,
      data: {
        status: 'error',
        statusCode: 500,
        code: 'INTERNAL_SERVER_ERROR',
        message: 'Internal server error',
      },
    });
    expect(await client.request('unknown')).toMatchObject({
      event: 'exception',
      data: { code: 'UNKNOWN_EVENT' },
    });
    client.send('{bad');
    expect(await client.next()).toMatchObject({ event: 'exception', data: { code: 'BAD_MESSAGE' } });
    expect(await client.request('greet', { name: 'b' })).toMatchObject({ data: 'hello b' });
  });

  it('ends a stream when it is cancelled, and a session with the code that it says', async () => {
    const { client } = await start();
    client.send({ event: 'tick', id: 1 });
    expect(await client.next()).toMatchObject({ event: 'tick', more: true });
    client.send({ event: 'nestwire:cancel', id: 1 });
    client.send({ event: 'leave' });

    expect(await client.closed).toEqual({ code: 4001, reason: 'as you wish' });
  });

  it('closes with 1012 on shutdown, without waiting for clients that have left', async () => {
    // longer than the test may take
    const { client, gateway } = await start({ closeWaitMs: 120_000, shutdownMs: 120_000 });
    await running!.close();
    expect(await client.closed).toMatchObject({ code: 1012 });
    expect(gateway.log.at(-1)).toMatch(/^disconnect b lue 1012 retry=\d+ true$/);
  });

  it('notices a client that breaks off', async () => {
    const { client, gateway } = await start();
    client.terminate();
    while (gateway.log.length < 2) await turn();

    expect(gateway.log[1]).toBe('disconnect b lue 1006  false');
  });
});
