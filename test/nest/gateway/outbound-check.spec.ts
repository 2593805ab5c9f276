import { describe, expect, it } from '@jest/globals';
import { Observable, firstValueFrom, of, toArray } from 'rxjs';
import { z } from 'zod';
import { checkAnswers, pushCheck } from '../../../lib/nest/gateway/outbound-check.js';
import { OutboundRefusedError, defineProtocol } from '../../../lib/protocol/index.js';
import { type GatewaySession, type MessageHandler, StartedStream } from '../../../lib/session/index.js';

const slowly = z.number().refine(async (n) => Promise.resolve(n > 0));

const Proto = defineProtocol('p.v1', {
  client: {
    ask: { reply: z.object({ n: z.number() }) },
    askSlowly: { reply: slowly },
    watch: { stream: z.number() },
    watchSlowly: { stream: slowly },
    note: {},
  },
  server: { news: z.string().transform((text) => text.length), later: slowly },
});

/** What a checked handler of `event` answers with when the handler itself returns `result`. */
function answer(event: string, result: unknown): unknown {
  const handler: MessageHandler = {
    overflow: 'latest',
    usesSignal: true,
    run: () => result,
    explain: () => ({ status: 'error', statusCode: 500, code: 'X', message: 'x' }),
  };
  const checked = checkAnswers(event, handler, Proto);
  expect([checked.overflow, checked.usesSignal]).toEqual(['latest', true]);
  return checked.run({} as GatewaySession, undefined, event, undefined);
}

async function collect(source: unknown): Promise<unknown[]> {
  if (source instanceof Observable) return firstValueFrom(source.pipe(toArray()));
  const items: unknown[] = [];
  for await (const item of source as AsyncIterable<unknown>) items.push(item);
  return items;
}

async function* generate(...items: unknown[]): AsyncGenerator {
  yield* items;
}

describe('an answer', () => {
  it('that its schema accepts is sent as it is, with what the schema would have taken away', async () => {
    const reply = { n: 1, more: 'kept' };

    expect(answer('ask', reply)).toBe(reply);
    expect(await answer('ask', Promise.resolve(reply))).toBe(reply);
    expect(await answer('askSlowly', 1)).toBe(1);
  });

  it('that its schema refuses is an error of the server’s, at once or later', async () => {
    expect(() => answer('ask', { n: '1' })).toThrow(OutboundRefusedError);
    expect(() => answer('ask', undefined)).toThrow(/^answer to "ask" refused: /);
    await expect(answer('ask', Promise.resolve({}))).rejects.toThrow(OutboundRefusedError);
    await expect(answer('askSlowly', -1)).rejects.toThrow(OutboundRefusedError);
  });

  it.each<[string, string, unknown, string]>([
    ['a value for a stream', 'watch', 1, 'a stream is due'],
    ['nothing for a stream', 'watch', undefined, 'a stream is due'],
    ['a stream for a value', 'ask', of({ n: 1 }), 'one value is due'],
    ['a value for nothing', 'note', 1, 'nothing is due'],
    ['a stream for nothing', 'note', of(1), 'nothing is due'],
  ])('must not be %s', (_, event, result, reason) => {
    expect(() => answer(event, result)).toThrow(reason);
  });

  it('may be nothing where nothing is due', async () => {
    expect(answer('note', undefined)).toBeUndefined();
    expect(await answer('note', Promise.resolve())).toBeUndefined();
  });

  it('is not looked at when the protocol has no such event', () => {
    expect(answer('plain', { whatever: 1 })).toEqual({ whatever: 1 });
    expect(answer('toString', 1)).toBe(1);
  });
});

describe('an answered stream', () => {
  it.each<[string, string, (...items: unknown[]) => unknown]>([
    ['an Observable', 'watch', (...items) => of(...items)],
    ['an Observable, by an asynchronous schema', 'watchSlowly', (...items) => of(...items)],
    ['a promise of an Observable', 'watch', async (...items) => of(...items)],
    ['an async generator', 'watch', (...items) => generate(...items)],
    ['an async generator, by an asynchronous schema', 'watchSlowly', (...items) => generate(...items)],
  ])('from %s is its items in order, until one is refused', async (_, event, make) => {
    expect(await collect(await answer(event, make(1, 2, 3)))).toEqual([1, 2, 3]);
    await expect(collect(await answer(event, make(1, 'two', 3)))).rejects.toThrow(/^item of "watch/);
  });

  it('ends its source when it is ended', async () => {
    let ended = 0;
    const endless = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<never>(() => undefined),
        return: () => Promise.resolve({ done: true as const, value: ++ended }),
      }),
    };
    const checked = answer('watch', endless) as AsyncIterable<unknown>;
    await checked[Symbol.asyncIterator]().return?.();
    expect(ended).toBe(1);

    const started = new StartedStream(
      () => undefined,
      () => ended++,
    );
    (answer('watch', started) as StartedStream).abandon();
    expect(ended).toBe(2);
  });
});

describe('a push', () => {
  const check = pushCheck(Proto);

  it('is sent when its schema accepts it', () => {
    expect(() => check('news', 'text')).not.toThrow();
  });

  it.each<[string, string, unknown, string]>([
    ['what its schema refuses', 'news', 1, 'push of "news" refused'],
    ['an event that is none', 'other', 1, 'protocol "p.v1" has no such event'],
    ['a name of a prototype', 'constructor', 1, 'no such event'],
    ['what only an asynchronous schema could tell', 'later', 1, 'asynchronous'],
    ['what an asynchronous schema will refuse', 'later', -1, 'asynchronous'],
  ])('must not be %s', async (_, event, data, message) => {
    expect(() => check(event, data)).toThrow(message);
    expect(() => check(event, data)).toThrow(OutboundRefusedError);
    await new Promise((resolve) => setImmediate(resolve));
  });
});
