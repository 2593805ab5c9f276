import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { EMPTY, NEVER, Observable, Subject, concat, defer, of, range, throwError } from 'rxjs';
import type { Overflow } from '../../lib/session/index.js';
import { TestHost, openSession, settle } from '../support/test-session.js';

/** A source that tells whether it is being read. */
function watched<T>(source: Observable<T>): { source: Observable<T>; active: () => number } {
  let active = 0;
  const counted = new Observable<T>((subscriber) => {
    active++;
    const subscription = source.subscribe(subscriber);
    return () => {
      active--;
      subscription.unsubscribe();
    };
  });
  return { source: counted, active: () => active };
}

async function* count(to: number, log?: unknown[]): AsyncGenerator<number> {
  try {
    for (let i = 1; i <= to; i++) yield i;
  } finally {
    log?.push('returned');
  }
}

describe('a stream with an id', () => {
  it.each<[string, () => unknown]>([
    ['an Observable', () => of(1, 2)],
    ['a promise of an Observable', async () => of(1, 2)],
    ['an async generator', () => count(2)],
    ['a promise of an async iterable', async () => count(2)],
  ])('from %s is its items, marked as more, and an end', async (_, make) => {
    const { client } = openSession(new TestHost().on('watch', make));
    client.receive({ event: 'watch', id: 4 });
    await settle();

    expect(client.messages).toEqual([
      { event: 'watch', id: 4, data: 1, more: true },
      { event: 'watch', id: 4, data: 2, more: true },
      { event: 'watch', id: 4 },
    ]);
  });

  it('leaves turns to all else, although it never waits and the client takes everything', async () => {
    let pulled = 0;
    async function* busy(): AsyncGenerator<number> {
      while (pulled < 100_000) yield ++pulled;
    }
    const { client, session } = openSession(new TestHost().on('watch', () => busy()));
    client.receive({ event: 'watch', id: 1 });
    await turn();
    session.close();
    await turn();

    expect(pulled).toBeGreaterThan(10);
    expect(pulled).toBeLessThan(1_000);
  });

  it('that is empty is an end alone', () => {
    const { client } = openSession(new TestHost().on('watch', () => EMPTY));
    client.receive({ event: 'watch', id: 1 });

    expect(client.messages).toEqual([{ event: 'watch', id: 1 }]);
  });

  it.each<[string, () => unknown]>([
    [
      'an Observable',
      () =>
        concat(
          of(1),
          throwError(() => new Error('broke')),
        ),
    ],
    [
      'an async generator',
      async function* () {
        yield 1;
        throw new Error('broke');
      },
    ],
    ['an item that is no JSON', () => of(1, 2n, 3)],
    [
      'an item of a generator that is no JSON',
      () =>
        (async function* () {
          yield* [1, 2n, 3];
        })(),
    ],
  ])('that fails in the middle (%s) ends with an exception', async (_, make) => {
    const { client } = openSession(new TestHost().on('watch', make));
    client.receive({ event: 'watch', id: 1 });
    await settle();

    expect(client.messages).toEqual([
      { event: 'watch', id: 1, data: 1, more: true },
      { event: 'exception', id: 1, data: expect.objectContaining({ status: 'error' }) },
    ]);
  });

  it('gives its slot back as soon as it was subscribed', () => {
    const { client } = openSession(new TestHost().on('watch', () => NEVER).on('ask', () => 1));
    client.receive({ event: 'watch', id: 1 });
    client.receive({ event: 'ask', id: 2 });

    expect(client.messages).toEqual([{ event: 'ask', id: 2, data: 1 }]);
  });

  it('keeps its id until it ends', () => {
    const subject = new Subject();
    const { client } = openSession(new TestHost().on('watch', () => subject));
    client.receive({ event: 'watch', id: 1 });
    client.receive({ event: 'watch', id: 1 });
    expect(client.take()[0]).toMatchObject({ data: { code: 'ID_IN_USE' } });

    subject.complete();
    client.receive({ event: 'watch', id: 1 });
    expect(client.messages).toEqual([
      { event: 'watch', id: 1 },
      { event: 'watch', id: 1 },
    ]);
  });
});

describe('a stream without an id', () => {
  it('comes as messages, without a mark or an end', () => {
    const { client } = openSession(new TestHost().on('watch', () => of(1, 2)));
    client.receive({ event: 'watch' });

    expect(client.messages).toEqual([
      { event: 'watch', data: 1 },
      { event: 'watch', data: 2 },
    ]);
  });
});

describe('a stream is torn down', () => {
  it('when the client cancels it, without another word', () => {
    const subject = new Subject();
    const { source, active } = watched(subject);
    const { client } = openSession(new TestHost().on('watch', () => source));
    client.receive({ event: 'watch', id: 1 });
    expect(active()).toBe(1);
    client.receive({ event: 'nestwire:cancel', id: 1 });
    subject.next('late');

    expect(active()).toBe(0);
    expect(client.messages).toEqual([]);
  });

  it.each([
    ['the client leaves', (client: { disconnect(): void }) => client.disconnect()],
    ['the session is closed', (_: unknown, session: { close(): void }) => session.close()],
  ])('when %s', (_, end) => {
    const { source, active } = watched(NEVER);
    const { client, session } = openSession(new TestHost().on('watch', () => source));
    for (let id = 0; id < 10; id++) client.receive({ event: 'watch', id });
    client.receive({ event: 'watch' });
    expect(active()).toBe(11);
    end(client, session);

    expect(active()).toBe(0);
  });

  it('when the session ended before its promise resolved: it is never subscribed', async () => {
    const { source, active } = watched(NEVER);
    const log: unknown[] = [];
    const host = new TestHost().on('watch', async () => source).on('count', async () => count(5, log));
    host.concurrency = 2;
    const { client } = openSession(host);
    client.receive({ event: 'watch', id: 1 });
    client.receive({ event: 'count', id: 2 });
    client.disconnect();
    await settle();

    expect(active()).toBe(0);
  });

  it('also when it is an async generator, whose finally runs', async () => {
    const log: unknown[] = [];
    let release: () => void = () => undefined;
    async function* ticks(): AsyncGenerator<number> {
      try {
        for (let i = 0; ; i++) {
          yield i;
          await new Promise<void>((resolve) => (release = resolve));
        }
      } finally {
        log.push('returned');
      }
    }
    const { client } = openSession(new TestHost().on('watch', () => ticks()));
    client.receive({ event: 'watch', id: 1 });
    await settle();
    client.receive({ event: 'nestwire:cancel', id: 1 });
    release();
    await settle();

    expect(log).toEqual(['returned']);
  });

  it('and a teardown that throws is reported, and harms nobody', () => {
    const host = new TestHost().on(
      'watch',
      () =>
        new Observable(() => () => {
          throw new Error('teardown');
        }),
    );
    const { client } = openSession(host);
    client.receive({ event: 'watch', id: 1 });
    client.receive({ event: 'nestwire:cancel', id: 1 });

    expect(host.reports).toHaveLength(1);
    expect(host.endings).toEqual([]);
  });
});

describe('the number of streams', () => {
  it('is limited: one more is refused, and a new one fits when another has ended', () => {
    const subjects = [new Subject(), new Subject(), new Subject()];
    const host = new TestHost().on('watch', (data) => subjects[data as number]);
    const { client } = openSession(host, { streams: 2 });
    for (const id of [0, 1, 2]) client.receive({ event: 'watch', id, data: id });
    expect(client.take()).toEqual([
      {
        event: 'exception',
        id: 2,
        data: expect.objectContaining({ code: 'TOO_MANY_STREAMS', statusCode: 429 }),
      },
    ]);

    subjects[0]!.complete();
    client.receive({ event: 'watch', id: 2, data: 2 });
    subjects[2]!.next('in');
    expect(client.messages.at(-1)).toEqual({ event: 'watch', id: 2, data: 'in', more: true });
  });

  it('counts those without an id, which cannot be cancelled', () => {
    const { client } = openSession(
      new TestHost().on('watch', () => NEVER),
      { streams: 2 },
    );
    for (let i = 0; i < 3; i++) client.receive({ event: 'watch' });

    expect(client.messages).toHaveLength(1);
  });
});

describe('a stream to a client that does not read', () => {
  const limits = { outboundBytes: 4000, highWaterBytes: 1000 };

  function stalled(overflow: Overflow, source: () => unknown): ReturnType<typeof openSession> {
    const opened = openSession(new TestHost().on('watch', source, overflow), limits);
    opened.client.isStalled = true;
    opened.client.receive({ event: 'watch', id: 1 });
    return opened;
  }

  it('closes it with 4413 by default, even when it never pauses', () => {
    const { client } = stalled('buffer', () => range(1, Number.MAX_SAFE_INTEGER));

    expect(client.closeFrame?.code).toBe(4413);
  });

  it('is conflated to the newest item by "latest"', () => {
    const subject = new Subject<number>();
    const { client } = stalled('latest', () => subject);
    for (let i = 1; i <= 1000; i++) subject.next(i);
    const sent = client.take();
    client.drain();
    subject.next(1001);

    expect(sent.length).toBeLessThan(40);
    expect(client.messages.map(({ data }) => data)).toEqual([1000, 1001]);
  });

  it('loses its oldest items by "drop-oldest", and keeps order', () => {
    const subject = new Subject<number>();
    const { client } = stalled('drop-oldest', () => subject);
    for (let i = 1; i <= 1000; i++) subject.next(i);
    client.take();
    client.drain();
    const data = client.messages.map((message) => message['data'] as number);

    expect(data.at(-1)).toBe(1000);
    expect(data).toEqual(Array.from(data.keys(), (i) => data[0]! + i));
    expect(data.length).toBeLessThan(120);
  });

  it('ends with an exception by "error"', () => {
    const subject = new Subject<number>();
    const { client } = stalled('error', () => subject);
    for (let i = 1; i <= 1000; i++) subject.next(i);

    expect(subject.observed).toBe(false);
    expect(client.closeFrame).toBeUndefined();
    expect(client.messages.at(-1)).toEqual({
      event: 'exception',
      id: 1,
      data: expect.objectContaining({ code: 'TOO_SLOW' }),
    });
  });

  it('is closed all the same when it goes on asking for streams that end so', () => {
    const { client } = stalled('error', () => range(1, 1000));
    for (let id = 2; id < 1000; id++) client.receive({ event: 'watch', id });

    expect(client.closeFrame?.code).toBe(4413);
    expect(client.queuedBytes).toBeLessThan(2.2 * limits.outboundBytes);
  });

  it('ends after what was held back', () => {
    const { client } = stalled('latest', () => range(1, 1000));

    expect(client.messages.slice(-2)).toEqual([
      { event: 'watch', id: 1, data: 1000, more: true },
      { event: 'watch', id: 1 },
    ]);
  });

  it('is not pulled when it is an async iterable', async () => {
    let pulled = 0;
    async function* endless(): AsyncGenerator<number> {
      for (;;) yield ++pulled;
    }
    const { client, session } = stalled('buffer', () => endless());
    await settle();
    const before = pulled;
    await settle();
    expect(pulled).toBe(before);
    expect(pulled).toBeLessThan(60);
    expect(client.closeFrame).toBeUndefined();

    client.queuedBytes = 0;
    session.drained();
    await settle();
    expect(pulled).toBeGreaterThan(before);
    session.close();
  });

  it('goes on, when all was sent in one tick, although the transport never was blocked', async () => {
    const { session, client } = openSession(
      new TestHost().on('watch', () => defer(() => subject), 'latest'),
      limits,
    );
    const subject = new Subject<number>();
    client.receive({ event: 'watch', id: 1 });
    client.isStalled = true;
    for (let i = 1; i <= 1000; i++) subject.next(i);
    client.queuedBytes = 0; // the tick's flush
    await settle();

    expect(client.messages.at(-1)).toMatchObject({ data: 1000 });
    session.close();
  });
});
