import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, ForbiddenException, Headers } from '@nestjs/common';
import { type Channel, Channels, SseEndpoint, sse } from 'nestwire';
import { EventStream, type EventStreamOptions } from 'nestwire/client';
import { type Observable, of } from 'rxjs';
import { TcpProxy } from '../support/tcp-proxy.js';
import { type TestApp, startApp } from '../support/test-app.js';

@Controller()
class StreamController {
  authorizations: (string | undefined)[] = [];

  constructor(private readonly channels: Channels) {}

  @SseEndpoint('news')
  news(@Headers('authorization') authorization?: string): Channel {
    this.authorizations.push(authorization);
    return this.channels.channel('news', { event: 'news', history: { size: 2 } });
  }

  @SseEndpoint('finite')
  finite(): Observable<unknown> {
    return of(sse({ event: 'first', id: '7', data: { n: 1 } }), 'second');
  }

  @SseEndpoint('secret')
  secret(): Observable<never> {
    throw new ForbiddenException();
  }

  @SseEndpoint('asked', { method: 'POST' })
  asked(): Observable<string> {
    return of('answer');
  }
}

describe('EventStream', () => {
  let app: TestApp;
  let proxy: TcpProxy;
  let channel: Channel;
  let stream: EventStream;
  let seen: string[];

  beforeEach(async () => {
    app = await startApp({
      module: { controllers: [StreamController] },
      nestwire: { eventStreams: { retryMs: 1 } },
    });
    proxy = await TcpProxy.start(Number(app.address.split(':')[1]));
    channel = app.app
      .get(Channels, { strict: false })
      .channel('news', { event: 'news', history: { size: 2 } });
    seen = [];
  });

  afterEach(async () => {
    stream.close();
    await proxy.stop();
    await app.close();
  });

  function open(path: string, options: EventStreamOptions = {}): void {
    stream = new EventStream(`http://${proxy.address}/${path}`, {
      backOff: { minMs: 1, maxMs: 5 },
      ...options,
    });
    for (const type of ['message', 'first', 'news', 'nestwire:gap', 'nestwire:done']) {
      stream.addEventListener(type, ({ data }) => seen.push(`${type} ${data}`));
    }
  }

  const next = async (type: string): Promise<MessageEvent> => {
    const [event] = (await once(stream, type)) as [MessageEvent];
    return event;
  };

  it('dispatches events, and stays away when all are there', async () => {
    open('finite');
    const states: number[] = [];
    await new Promise<void>((resolve) => {
      stream.onopen = () => states.push(stream.readyState);
      stream.onmessage = ({ data, lastEventId }) => seen.push(`onmessage ${data} ${lastEventId}`);
      stream.onerror = () => {
        states.push(stream.readyState);
        if (stream.readyState === EventStream.CLOSED) resolve();
      };
    });
    expect(seen.slice(0, 3)).toEqual(['first {"n":1}', 'onmessage second 7', 'message second']);
    expect(states).toEqual([EventStream.OPEN, EventStream.CONNECTING, EventStream.CLOSED]);
  });

  it('has what an EventSource has', async () => {
    open('finite?a=1', { withCredentials: true });
    const { url, withCredentials, readyState, CONNECTING, OPEN, CLOSED } = stream;
    expect({ url, withCredentials, readyState, CONNECTING, OPEN, CLOSED }).toEqual({
      url: `http://${proxy.address}/finite?a=1`,
      withCredentials: true,
      readyState: 0,
      CONNECTING: 0,
      OPEN: 1,
      CLOSED: 2,
    });
    const opened: Event[] = [];
    stream.addEventListener('open', (event) => opened.push(event), { once: true });
    const { origin, target } = await next('message');
    expect([origin, target, opened.length]).toEqual([`http://${proxy.address}`, stream, 1]);
  });

  it('goes on where it was when the connection is lost, with a new token', async () => {
    let tokens = 0;
    open('news', { token: () => `t${++tokens}` });
    await next('open');
    const first = next('news');
    await channel.publish('a');
    await first;
    const lost = next('error');
    proxy.cut();
    await lost;
    const second = next('news');
    await channel.publish('b');
    expect((await second).lastEventId).toBe(stream.cursor);
    expect(seen).toEqual(['news a', 'news b']);
    expect(app.app.get(StreamController).authorizations).toEqual(['Bearer t1', 'Bearer t2']);
  });

  it('begins at a cursor', async () => {
    await channel.publish('a');
    await channel.publish('b');
    open('news', { cursor: 'start' });
    await next('news');
    if (seen.length < 2) await next('news');
    expect(seen).toEqual(['news a', 'news b']);
  });

  it('tells of a gap', async () => {
    open('news', { cursor: '1.otherEpoch.1' });
    expect((await next('nestwire:gap')).data).toContain('"recovered":false');
  });

  it.each(['secret', 'nowhere'])('does not come back after being refused: /%s', async (path) => {
    open(path);
    await next('error');
    expect(stream.readyState).toBe(EventStream.CLOSED);
  });

  it('sends a body', async () => {
    open('asked', { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json' } });
    expect((await next('message')).data).toBe('answer');
  });

  it('takes silence for a loss, and comes back', async () => {
    proxy.buffers = true;
    open('news', { silenceMs: 200 });
    await next('error');
    expect(stream.readyState).toBe(EventStream.CONNECTING);
    proxy.buffers = false;
    await next('open');
  });

  describe('whose answers end at once', () => {
    /** A timer of its own, which is not looked at here. */
    const SILENCE_MS = 123_456;

    beforeEach(() => {
      // however long it takes here, no connection has lasted
      jest.spyOn(performance, 'now').mockReturnValue(0);
      jest.spyOn(Math, 'random').mockReturnValue(0.999);
    });

    afterEach(() => {
      jest.restoreAllMocks();
    });

    /** @returns how long it stays away after each of so many answers */
    async function pauses(answer: string, count: number): Promise<unknown[]> {
      const timers = jest.spyOn(globalThis, 'setTimeout');
      const headers = { 'Content-Type': 'text/event-stream' };
      open('any', {
        silenceMs: SILENCE_MS,
        backOff: { minMs: 4, maxMs: 16 },
        fetch: () => Promise.resolve(new Response(answer, { headers })),
      });
      while (count-- > 0) await next('error');
      return timers.mock.calls.map(([, ms]) => ms).filter((ms) => ms !== SILENCE_MS);
    }

    it('comes back more and more slowly', async () => {
      expect(await pauses('data: x\n\n', 4)).toEqual([3, 7, 15, 15]);
    });

    it('does not believe a time that no timer can wait', async () => {
      expect(await pauses('retry: 99999999999999\n\n', 1)).toEqual([3_600_003]);
    });
  });

  it('dispatches nothing once it is closed', async () => {
    open('news');
    await next('open');
    stream.close();
    await channel.publish('a');
    expect([stream.readyState, seen]).toEqual([EventStream.CLOSED, []]);
  });
});
