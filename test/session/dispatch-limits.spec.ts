import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { NEVER, Subject } from 'rxjs';
import { Deadlines } from '../../lib/session/index.js';
import { TestHost, openSession, settle } from '../support/test-session.js';

const codesOf = (messages: Record<string, unknown>[]): unknown[] =>
  messages.map(({ data }) => (data as { code?: string }).code ?? data);

const never = (): Promise<never> => new Promise(() => undefined);

describe('messages a second', () => {
  const limits = { messagesPerSecond: 2 };

  it('beyond the limit are refused with their id, and allowed again with time', () => {
    const host = new TestHost().on('ask', () => 'yes');
    const { client } = openSession(host, limits);
    for (let id = 0; id < 3; id++) client.receive({ event: 'ask', id });
    expect(client.take()[2]).toEqual({
      event: 'exception',
      id: 2,
      data: {
        status: 'error',
        statusCode: 429,
        code: 'TOO_MANY_MESSAGES',
        message: 'more than 2 messages a second',
      },
    });

    host.time += 500;
    client.receive({ event: 'ask', id: 3 });
    expect(client.messages).toEqual([{ event: 'ask', id: 3, data: 'yes' }]);
  });

  it('close with 4429 and a hint when the client does not mind the refusals', () => {
    const { client } = openSession(
      new TestHost().on('ask', () => 'yes'),
      limits,
    );
    for (let i = 0; i < 100; i++) client.receive({ event: 'ask' });

    expect(codesOf(client.messages)).toEqual(['yes', 'yes', 'TOO_MANY_MESSAGES', 'TOO_MANY_MESSAGES']);
    expect(client.closeFrame).toEqual({ code: 4429, reason: 'retry=1000' });
  });

  it('count what is malformed or unknown too', () => {
    const { client } = openSession(new TestHost(), limits);
    for (const message of ['{', { event: 'unknown' }, '{']) client.receive(message);

    expect(codesOf(client.messages)).toEqual(['BAD_MESSAGE', 'UNKNOWN_EVENT', 'TOO_MANY_MESSAGES']);
  });

  it('count cancels, which are never refused, and close for them too', () => {
    const { client } = openSession(
      new TestHost().on('watch', () => subject),
      limits,
    );
    const subject = new Subject();
    client.receive({ event: 'watch', id: 1 });
    client.receive({ event: 'watch', id: 2 });
    client.receive({ event: 'nestwire:cancel', id: 1 });
    client.receive({ event: 'nestwire:cancel', id: 2 });
    expect(subject.observed).toBe(false);
    expect(client.messages).toEqual([]);

    client.receive({ event: 'nestwire:cancel', id: 2 });
    expect(client.closeFrame?.code).toBe(4429);
  });

  it('are not limited by default, and nobody looks at the clock', () => {
    const host = new TestHost().on('ask', () => 'yes');
    const now = jest.fn(host.now);
    Object.assign(host, { now });
    const { client } = openSession(host);
    for (let i = 0; i < 10_000; i++) client.receive({ event: 'ask' });

    expect(client.sent).toHaveLength(10_000);
    expect(now).not.toHaveBeenCalled();
  });
});

describe('open requests', () => {
  it('beyond the limit are refused, whether the others wait, run or stream', () => {
    const subject = new Subject();
    const host = new TestHost().on('watch', () => subject).on('slow', never);
    const { client } = openSession(host, { openRequests: 3 });
    client.receive({ event: 'watch', id: 1 });
    for (let id = 2; id <= 4; id++) client.receive({ event: 'slow', id });
    client.receive({ event: 'slow' });
    expect(client.take()).toEqual([
      {
        event: 'exception',
        id: 4,
        data: expect.objectContaining({ code: 'TOO_MANY_REQUESTS', statusCode: 429 }),
      },
      {
        event: 'exception',
        data: expect.objectContaining({ message: '3 requests are open, which is the limit' }),
      },
    ]);

    subject.complete();
    client.receive({ event: 'slow', id: 4 });
    expect(client.messages).toEqual([{ event: 'watch', id: 1 }]);
  });

  it('count no more when they were cancelled', () => {
    const { client } = openSession(
      new TestHost().on('watch', () => NEVER),
      { openRequests: 1 },
    );
    for (let id = 0; id < 50; id++) {
      client.receive({ event: 'watch', id });
      client.receive({ event: 'nestwire:cancel', id });
    }

    expect(client.messages).toEqual([]);
  });

  it('are not counted when they are answered at once', () => {
    const { client } = openSession(
      new TestHost().on('ask', () => 1),
      { openRequests: 1 },
    );
    for (let id = 0; id < 50; id++) client.receive({ event: 'ask', id });

    expect(codesOf(client.messages)).toEqual(Array(50).fill(1));
  });

  it('make the client wait long before it is refused: a quarter of them in the queue stops the reading', async () => {
    let finish: () => void = () => undefined;
    const host = new TestHost().on('slow', () => new Promise<void>((resolve) => (finish = resolve)));
    host.on('ask', () => undefined);
    const { client } = openSession(host, { openRequests: 40 });
    client.receive({ event: 'slow' });
    for (let i = 0; i < 10; i++) client.receive({ event: 'ask' });
    expect(client.isPaused).toBe(false);
    client.receive({ event: 'ask' });
    expect(client.isPaused).toBe(true);

    finish();
    await settle();
    expect(client.isPaused).toBe(false);
    expect(client.messages).toEqual([]);
  });
});

describe('the time of a message', () => {
  const LIMIT_MS = 1000;
  let host: TestHost;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    host = new TestHost();
    host.deadlines = new Deadlines(LIMIT_MS, () => performance.now());
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('is limited: then it is answered, its slot is free, and what comes later is dropped', async () => {
    let finish: (value: string) => void = () => undefined;
    host.on('slow', () => new Promise((resolve) => (finish = resolve))).on('ask', () => 'yes');
    const { client } = openSession(host);
    client.receive({ event: 'slow', id: 1 });
    client.receive({ event: 'ask', id: 2 });
    jest.advanceTimersByTime(LIMIT_MS);
    expect(client.take()).toEqual([
      {
        event: 'exception',
        id: 1,
        data: { status: 'error', statusCode: 504, code: 'TIMED_OUT', message: 'no answer within 1000 ms' },
      },
      { event: 'ask', id: 2, data: 'yes' },
    ]);

    finish('late');
    await settle();
    client.receive({ event: 'ask', id: 1 });
    expect(client.messages).toEqual([{ event: 'ask', id: 1, data: 'yes' }]);
  });

  it('gives each slot back once, so that no more run at a time than may', async () => {
    const finish: (() => void)[] = [];
    host.on('slow', () => new Promise<void>((resolve) => finish.push(resolve)));
    const { client } = openSession(host);
    for (let id = 0; id < 5; id++) client.receive({ event: 'slow', id });
    jest.advanceTimersByTime(LIMIT_MS);
    expect(finish).toHaveLength(2);
    finish[0]!();
    await settle();

    expect(finish).toHaveLength(2);
  });

  it('begins when the handler does, not while the message waits', async () => {
    host.on('slow', never).on('ask', async () => Promise.resolve('yes'));
    const { client } = openSession(host);
    client.receive({ event: 'slow', id: 1 });
    client.receive({ event: 'ask', id: 2 });
    jest.advanceTimersByTime(LIMIT_MS);
    await settle();

    expect(client.messages.map(({ id, event }) => [id, event])).toEqual([
      [1, 'exception'],
      [2, 'ask'],
    ]);
  });

  it('frees the slot of a request that was cancelled, without a word', () => {
    host.on('slow', never).on('ask', () => 'yes');
    const { client } = openSession(host);
    client.receive({ event: 'slow', id: 1 });
    client.receive({ event: 'nestwire:cancel', id: 1 });
    client.receive({ event: 'ask', id: 2 });
    jest.advanceTimersByTime(LIMIT_MS);

    expect(client.messages).toEqual([{ event: 'ask', id: 2, data: 'yes' }]);
  });

  it('does not run out for streams, nor for a session that has ended', () => {
    host.on('watch', () => NEVER).on('slow', never);
    const { client } = openSession(host);
    client.receive({ event: 'watch', id: 1 });
    client.receive({ event: 'slow', id: 2 });
    client.disconnect();
    jest.advanceTimersByTime(2 * LIMIT_MS);

    expect(client.messages).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('the signal of a handler', () => {
  it('is aborted by a cancel, and the failure that follows is nobody else’s business', async () => {
    let explained = 0;
    const host = new TestHost().onWithSignal(
      'fetch',
      (_data, _session, signal) =>
        new Promise((_resolve, reject) =>
          signal?.addEventListener('abort', () => reject(signal.reason as Error)),
        ),
    );
    const handler = host.findHandler('fetch')!;
    const explain = handler.explain.bind(handler);
    Object.assign(handler, {
      explain: (...args: Parameters<typeof explain>) => (explained++, explain(...args)),
    });
    const { client } = openSession(host);
    client.receive({ event: 'fetch', id: 1 });
    client.receive({ event: 'nestwire:cancel', id: 1 });
    await settle();

    expect(explained).toBe(0);
    expect(client.messages).toEqual([]);
  });

  it.each<[string, (client: ReturnType<typeof openSession>['client']) => void, boolean]>([
    ['the client leaves', (client) => client.disconnect(), true],
    ['nothing happens', () => undefined, false],
  ])('when %s', async (_, act, aborted) => {
    const signals: AbortSignal[] = [];
    const host = new TestHost().onWithSignal('slow', (_data, _session, signal) => {
      signals.push(signal!);
      return never();
    });
    host.concurrency = 2;
    const { client } = openSession(host);
    client.receive({ event: 'slow', id: 1 });
    client.receive({ event: 'slow' });
    act(client);
    await settle();

    expect(signals.map((signal) => signal.aborted)).toEqual([aborted, aborted]);
  });

  it('is aborted when the time is up', () => {
    jest.useFakeTimers();
    const signals: AbortSignal[] = [];
    const host = new TestHost().onWithSignal('slow', (_data, _session, signal) => {
      signals.push(signal!);
      return never();
    });
    host.deadlines = new Deadlines(10, () => performance.now());
    const { client } = openSession(host);
    client.receive({ event: 'slow', id: 1 });
    jest.advanceTimersByTime(10);
    jest.useRealTimers();

    expect(signals[0]?.aborted).toBe(true);
  });

  it('is not made for a handler that does not ask for it, nor left behind by one that answers', () => {
    const seen: unknown[] = [];
    const note = (_data: unknown, _session: unknown, signal: AbortSignal | undefined): number =>
      seen.push(signal?.aborted);
    const host = new TestHost().on('without', note).onWithSignal('with', note);
    const { client } = openSession(host, { openRequests: 1 });
    for (const event of ['without', 'with', 'with']) client.receive({ event, id: 1 });

    expect(seen).toEqual([undefined, false, false]);
    expect(codesOf(client.messages)).toEqual([1, 2, 3]);
  });
});
