import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { resolveOptions, type ConnectOptions } from '../../lib/client/client-options.js';
import { Conversation } from '../../lib/client/conversation.js';
import { FallBack } from '../../lib/client/fall-back.js';
import { Link } from '../../lib/client/link.js';
import type { TransportKind } from '../../lib/client/transport/transport.js';
import { FakeTransport, fakeOpener } from './support/fake-transport.js';

const KINDS: readonly TransportKind[] = ['websocket', 'event-stream', 'long-polling'];

describe('What keeps a client connected', () => {
  let opened: FakeTransport[];
  let link: Link;
  let tokens: number;

  beforeEach(() => {
    jest.useFakeTimers();
    jest.spyOn(Math, 'random').mockReturnValue(0.999);
    opened = [];
    tokens = 0;
  });

  afterEach(() => {
    link.close(1000, '');
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  async function start(options: ConnectOptions = {}): Promise<FakeTransport> {
    const settings = resolveOptions(options);
    const fallBack = new FallBack(KINDS.map((kind) => fakeOpener(opened, kind)));
    const conversation = new Conversation(settings);
    link = new Link(new URL('ws://example.com/'), fallBack, conversation, settings);
    return passed(0);
  }

  /** @returns what was opened last */
  async function passed(ms: number): Promise<FakeTransport> {
    await jest.advanceTimersByTimeAsync(ms);
    return opened.at(-1)!;
  }

  const token = (): string => `token ${++tokens}`;
  const kinds = (): TransportKind[] => opened.map(({ kind }) => kind);

  it('tries one transport after the other, and pauses when all have failed', async () => {
    await start();
    for (const kind of KINDS) {
      expect(opened.at(-1)!.kind).toBe(kind);
      opened.at(-1)!.end();
      await passed(0);
    }
    expect(link.status$.value).toMatchObject({ state: 'waiting', retryAt: Date.now() + 1_998 });
    await passed(1_998);
    expect(kinds()).toEqual([...KINDS, 'websocket']);
  });

  it('comes back more and more slowly to a server that lets it in and drops it', async () => {
    await start();
    for (const pauseMs of [499, 999, 1_998]) {
      opened.at(-1)!.begin();
      opened.at(-1)!.end({ code: 1011 });
      expect(link.status$.value).toMatchObject({ state: 'waiting', retryAt: Date.now() + pauseMs });
      await passed(pauseMs);
    }
  });

  it('comes back as soon as ever when the connection has lasted', async () => {
    for (let transport = await start(), i = 0; i < 3; i++) {
      transport.begin();
      await passed(500);
      transport.end({ code: 1011 });
      expect(link.status$.value).toMatchObject({ state: 'waiting', retryAt: Date.now() + 499 });
      transport = await passed(499);
    }
  });

  it('takes silence for a failure', async () => {
    await start({ connectTimeoutMs: 700 });
    expect((await passed(701)).kind).toBe('event-stream');
    expect(opened[0]!.isAbandoned).toBe(true);
  });

  it('takes its session back from an attempt that it had given up, once', async () => {
    await start({ connectTimeoutMs: 700, retryBestMs: 1_000_000 });
    const stream = await passed(701);
    stream.begin();
    stream.end({ code: 4409 });
    const waiting = link.status$.value;
    expect(waiting).toMatchObject({ state: 'waiting', code: 4409 });
    const again = await passed((waiting as { retryAt: number }).retryAt - Date.now());
    again.begin();
    again.end({ code: 4409 });
    expect(link.status$.value).toMatchObject({ state: 'closed', code: 4409 });
  });

  it('knows how long ago that was, although the wall clock has jumped', async () => {
    await start({ connectTimeoutMs: 700, retryBestMs: 1_000_000 });
    const stream = await passed(701);
    stream.begin();
    jest.setSystemTime(Date.now() + 3_600_000);
    stream.end({ code: 4409 });
    expect(link.status$.value).toMatchObject({ state: 'waiting', code: 4409 });
  });

  it('does not think of attempts that were given up long ago', async () => {
    await start({ connectTimeoutMs: 700, retryBestMs: 1_000_000 });
    const stream = await passed(701);
    stream.begin();
    await passed(60_000);
    opened.at(-1)!.end({ code: 4409 });
    expect(link.status$.value).toMatchObject({ state: 'closed', code: 4409 });
  });

  it('is not kept waiting by messages of what is no session', async () => {
    const transport = await start({ connectTimeoutMs: 700 });
    transport.events!.message({ event: 'hello' });
    expect((await passed(701)).kind).toBe('event-stream');
  });

  it.each([401, 403])('never takes another transport because of a %d', async (status) => {
    const transport = await start();
    transport.end({ status });
    await passed(100_000);
    expect(kinds()).toEqual(['websocket']);
    expect(link.status$.value).toMatchObject({ state: 'closed', code: status + 4_000 });
  });

  it('asks by the best transport again, with a new token, after a 401', async () => {
    (await start({ token })).end();
    (await passed(0)).end({ status: 401 });
    expect((await passed(5_000)).ticket).toMatchObject({ token: 'token 3' });
    expect(kinds()).toEqual(['websocket', 'event-stream', 'websocket']);
  });

  it('comes back with a new token when the old one has expired', async () => {
    const transport = await start({ token });
    transport.begin();
    transport.end({ code: 4401 });
    expect((await passed(500)).ticket).toMatchObject({ token: 'token 2', session: 's.x' });
  });

  it.each([429, 503])('waits as long as an answer %d says', async (status) => {
    (await start()).end({ status, retryMs: 10_000 });
    await passed(9_999);
    expect(opened).toHaveLength(1);
    expect((await passed(501)).kind).toBe('websocket');
  });

  it('waits as long as a close says', async () => {
    const transport = await start();
    transport.begin();
    transport.end({ code: 1012, retryMs: 3_000 });
    await passed(2_999);
    expect(opened).toHaveLength(1);
    expect((await passed(501)).ticket?.session).toBe('s.x');
  });

  it('asks for a new session at once when the old one is gone', async () => {
    const transport = await start();
    transport.begin();
    transport.end();
    (await passed(500)).end({ status: 404 });
    expect((await passed(0)).ticket).toMatchObject({ session: 's.x', isLost: true });
    expect(kinds()).toEqual(['websocket', 'websocket', 'websocket']);
  });

  it('asks a silent server whether it is there, and leaves when it does not answer', async () => {
    const transport = await start();
    transport.begin({ heartbeatMs: 25_000 });
    await passed(25_000);
    expect(transport.take().map(({ event }) => event)).toEqual(['nestwire:ping']);
    await passed(10_000);
    expect(link.status$.value).toMatchObject({ state: 'waiting', reason: 'no sign of life' });
  });

  it('stays when the server answers, and asks none that has no heartbeat', async () => {
    const transport = await start();
    transport.begin({ heartbeatMs: 25_000 });
    await passed(25_000);
    transport.events!.message({ event: 'nestwire:pong', data: { received: 0 } });
    await passed(24_999);
    expect(link.status$.value.state).toBe('open');
    transport.begin({ heartbeatMs: 0 });
    transport.take();
    await passed(1_000_000);
    expect(transport.take()).toEqual([]);
  });

  it('asks at once when the page is looked at again', async () => {
    const transport = await start();
    transport.begin({ heartbeatMs: 25_000 });
    link.wake();
    expect(transport.take().map(({ event }) => event)).toEqual(['nestwire:ping']);
  });

  it('moves the session to the best transport once that works', async () => {
    (await start({ retryBestMs: 60_000 })).end();
    const stream = await passed(0);
    stream.begin();
    const best = await passed(60_000);
    expect([best.kind, best.ticket?.session]).toEqual(['websocket', 's.x']);
    stream.end({ code: 4409 });
    best.begin({ resumed: true });
    expect(link.status$.value).toEqual({ state: 'open', transport: 'websocket' });
    expect(best.take().map(({ event }) => event)).toEqual(['nestwire:resume']);
  });

  it('tries the best transport less and less often', async () => {
    (await start({ retryBestMs: 60_000 })).end();
    (await passed(0)).begin();
    (await passed(60_000)).end();
    await passed(119_999);
    expect(opened).toHaveLength(3);
    await passed(1);
    expect(opened).toHaveLength(4);
  });

  it('closes the connection with what it is given', async () => {
    const transport = await start();
    transport.begin();
    link.close(4000, 'bye');
    expect(transport.closedWith).toEqual([4000, 'bye']);
  });
});
