import { describe, expect, it } from '@jest/globals';
import * as MessagePack from '@msgpack/msgpack';
import { msgpack } from '../../lib/protocol/codec/index.js';
import { TestHost, openSession, settle } from '../support/test-session.js';

interface Deferred {
  readonly promise: Promise<unknown>;
  readonly resolve: (value?: unknown) => void;
}

function defer(): Deferred {
  let resolve: Deferred['resolve'] = () => undefined;
  const promise = new Promise((settleIt) => (resolve = settleIt));
  return { promise, resolve };
}

const refuse = (message: string, code?: string): never => {
  throw Object.assign(new Error(message), { code });
};

describe('a message with an id', () => {
  it('is answered with the value that its handler returned, in the same call', () => {
    const { client } = openSession(new TestHost().on('add', (data) => (data as number[])[0]! + 1));
    client.receive({ event: 'add', id: 0, data: [1] });

    expect(client.messages).toEqual([{ event: 'add', id: 0, data: 2 }]);
  });

  it('is answered with what a promise resolves to', async () => {
    const { client } = openSession(new TestHost().on('later', () => Promise.resolve('done')));
    client.receive({ event: 'later', id: 'x' });
    await settle();

    expect(client.messages).toEqual([{ event: 'later', id: 'x', data: 'done' }]);
  });

  it('is answered without data when its handler returns nothing', async () => {
    const host = new TestHost().on('now', () => undefined).on('later', async () => undefined);
    const { client } = openSession(host);
    client.receive({ event: 'now', id: 1 });
    client.receive({ event: 'later', id: 2 });
    await settle();

    expect(client.messages).toEqual([
      { event: 'now', id: 1 },
      { event: 'later', id: 2 },
    ]);
  });

  it('gets the exception of a handler that throws or rejects', async () => {
    const host = new TestHost()
      .on('throws', () => refuse('no', 'NO'))
      .on('rejects', () => Promise.reject(new Error('never')));
    const { client } = openSession(host);
    client.receive({ event: 'throws', id: 1 });
    client.receive({ event: 'rejects', id: 2 });
    await settle();

    expect(client.messages).toEqual([
      { event: 'exception', id: 1, data: { status: 'error', statusCode: 500, code: 'NO', message: 'no' } },
      {
        event: 'exception',
        id: 2,
        data: { status: 'error', statusCode: 500, code: 'FAILED', message: 'never' },
      },
    ]);
  });

  it('gets an exception in place of one that is no JSON itself', async () => {
    const host = new TestHost();
    const told = { status: 'error', statusCode: 400, code: 'BAD', message: 'bad', details: 1n } as const;
    const run = (): never => refuse('no', 'NO');
    host.handlers.set('now', { overflow: 'buffer', run, explain: () => told });
    host.handlers.set('later', { overflow: 'buffer', run, explain: () => Promise.resolve(told) });
    const { client } = openSession(host);
    client.receive({ event: 'now', id: 1 });
    client.receive({ event: 'later', id: 2 });
    await settle();

    expect(client.messages).toMatchObject([
      { event: 'exception', id: 1, data: { statusCode: 500, code: 'NOT_ENCODABLE' } },
      { event: 'exception', id: 2, data: { statusCode: 500, code: 'NOT_ENCODABLE' } },
    ]);
    expect(host.reports).toEqual([expect.any(TypeError), expect.any(TypeError)]);
  });

  it('gets an exception as it is when its codec can write what JSON cannot', () => {
    class Seat {
      readonly row = 7;

      toJSON(): never {
        throw new Error('not as JSON');
      }
    }
    const told = {
      status: 'error',
      statusCode: 409,
      code: 'TAKEN',
      message: 'taken',
      details: new Seat(),
    } as const;
    const host = new TestHost();
    host.codec = msgpack(MessagePack);
    host.handlers.set('sit', { overflow: 'buffer', run: () => refuse('no', 'NO'), explain: () => told });
    const { client } = openSession(host);
    client.events!.message(MessagePack.encode({ event: 'sit', id: 1 }));

    expect(MessagePack.decode(client.sent[0] as Uint8Array)).toEqual({
      event: 'exception',
      id: 1,
      data: { ...told, details: { row: 7 } },
    });
    expect(host.reports).toEqual([]);
  });

  it('gets an exception for a value that is no JSON', async () => {
    const host = new TestHost().on('now', () => 1n).on('later', async () => ({ n: 1n }));
    const { client } = openSession(host);
    client.receive({ event: 'now', id: 1 });
    client.receive({ event: 'later', id: 2 });
    await settle();

    expect(client.messages.map(({ event, id }) => [event, id])).toEqual([
      ['exception', 1],
      ['exception', 2],
    ]);
  });
});

describe('a message without an id', () => {
  it('is answered by a message when there is a value, by nothing when there is none', async () => {
    const host = new TestHost()
      .on('value', () => 1)
      .on('void', () => undefined)
      .on('later', () => Promise.resolve(null));
    const { client } = openSession(host);
    for (const event of ['value', 'void', 'later']) client.receive({ event });
    await settle();

    expect(client.messages).toEqual([
      { event: 'value', data: 1 },
      { event: 'later', data: null },
    ]);
  });

  it('gets an exception without id', () => {
    const { client } = openSession(new TestHost().on('throws', () => refuse('no')));
    client.receive({ event: 'throws' });

    expect(client.messages[0]).toEqual({
      event: 'exception',
      data: expect.objectContaining({ message: 'no' }),
    });
  });
});

describe('an id that is in use', () => {
  it('is refused while its request runs or waits, and free afterwards', async () => {
    const { promise, resolve } = defer();
    const host = new TestHost().on('slow', () => promise).on('fast', () => 1);
    const { client } = openSession(host);
    client.receive({ event: 'slow', id: 1 });
    client.receive({ event: 'fast', id: 2 });
    client.receive({ event: 'fast', id: 1 });
    client.receive({ event: 'fast', id: 2 });
    client.receive({ event: 'fast', id: '1' });
    // without the id: whatever carries it is the answer of the request that goes on
    expect(client.take()).toEqual(
      [1, 2].map((id) => ({
        event: 'exception',
        data: expect.objectContaining({ code: 'ID_IN_USE', details: { id } }),
      })),
    );

    resolve();
    await settle();
    client.receive({ event: 'fast', id: 1 });
    expect(client.messages.map(({ id }) => id)).toEqual([1, 2, '1', 1]);
  });
});

describe('order', () => {
  it('is kept: with one slot a message waits until the promise before it has settled', async () => {
    const gates = [defer(), defer()];
    const started: unknown[] = [];
    const host = new TestHost().on('step', (data) => {
      started.push(data);
      return gates[data as number]?.promise ?? data;
    });
    const { client } = openSession(host);
    for (const data of [0, 1, 2]) client.receive({ event: 'step', id: data, data });
    expect(started).toEqual([0]);

    gates[0]!.resolve('first');
    await settle();
    expect(started).toEqual([0, 1]);

    gates[1]!.resolve('second');
    await settle();
    expect(client.messages.map(({ data }) => data)).toEqual(['first', 'second', 2]);
  });

  it('is kept over a rejection', async () => {
    const host = new TestHost().on('bad', () => Promise.reject(new Error('no'))).on('good', () => 1);
    const { client } = openSession(host);
    client.receive({ event: 'bad', id: 1 });
    client.receive({ event: 'good', id: 2 });
    await settle();

    expect(client.messages.map(({ id }) => id)).toEqual([1, 2]);
  });

  it('lets as many run at a time as there are slots', async () => {
    const gates = [defer(), defer(), defer()];
    const started: unknown[] = [];
    const host = new TestHost().on('step', (data) => {
      started.push(data);
      return gates[data as number]!.promise;
    });
    host.concurrency = 2;
    const { client } = openSession(host);
    for (const data of [0, 1, 2]) client.receive({ event: 'step', data });
    expect(started).toEqual([0, 1]);

    gates[1]!.resolve();
    await settle();
    expect(started).toEqual([0, 1, 2]);
  });
});

describe('what waits for a slot', () => {
  it('stops the reading when it weighs too much, and lets it go on at half of that', async () => {
    const { promise, resolve } = defer();
    const host = new TestHost().on('slow', () => promise).on('next', () => undefined);
    const { client } = openSession(host, { inboundBytes: 1000 });
    client.receive({ event: 'slow' });
    client.receive({ event: 'next', data: 'x'.repeat(700) });
    expect(client.isPaused).toBe(false);
    client.receive({ event: 'next', data: 'x'.repeat(700) });
    expect(client.isPaused).toBe(true);

    resolve();
    await settle();
    expect(client.isPaused).toBe(false);
  });

  it('weighs something even when it is tiny', () => {
    const { client } = openSession(
      new TestHost().on('slow', () => defer().promise),
      { inboundBytes: 1000 },
    );
    for (let i = 0; i < 20; i++) client.receive({ event: 'slow' });

    expect(client.isPaused).toBe(true);
  });

  it('is dropped when the session ends', async () => {
    const { promise, resolve } = defer();
    const started: unknown[] = [];
    const host = new TestHost().on('step', (data) => (started.push(data), promise));
    const { client } = openSession(host);
    client.receive({ event: 'step', data: 0 });
    client.receive({ event: 'step', data: 1 });
    client.disconnect();
    resolve();
    await settle();

    expect(started).toEqual([0]);
  });
});

describe('nestwire:cancel', () => {
  it('takes a waiting request out of the queue', async () => {
    const { promise, resolve } = defer();
    const started: unknown[] = [];
    const host = new TestHost().on('step', (data) => (started.push(data), promise));
    const { client } = openSession(host);
    client.receive({ event: 'step', id: 0, data: 0 });
    client.receive({ event: 'step', id: 1, data: 1 });
    client.receive({ event: 'nestwire:cancel', id: 1 });
    resolve();
    await settle();

    expect(started).toEqual([0]);
  });

  it('drops the answer of a running request, and frees its id', async () => {
    const { promise, resolve } = defer();
    const host = new TestHost().on('slow', () => promise).on('fast', () => 'fast');
    host.concurrency = 2;
    const { client } = openSession(host);
    client.receive({ event: 'slow', id: 1 });
    client.receive({ event: 'nestwire:cancel', id: 1 });
    client.receive({ event: 'fast', id: 1 });
    resolve('slow');
    await settle();

    expect(client.messages).toEqual([{ event: 'fast', id: 1, data: 'fast' }]);
  });

  it('for nothing does nothing', () => {
    const { client } = openSession(new TestHost());
    client.receive({ event: 'nestwire:cancel', id: 99 });

    expect(client.messages).toEqual([]);
  });

  it('without an id is a bad message', () => {
    const { client } = openSession(new TestHost());
    client.receive({ event: 'nestwire:cancel' });

    expect(client.messages[0]).toMatchObject({ event: 'exception', data: { code: 'BAD_MESSAGE' } });
  });
});

describe('a bad message', () => {
  it.each<[string, string, string]>([
    ['no JSON', '{"event":', 'BAD_MESSAGE'],
    ['no object', '7', 'BAD_MESSAGE'],
    ['no event', '{"data":1}', 'BAD_MESSAGE'],
    ['an unknown event', '{"event":"toString"}', 'UNKNOWN_EVENT'],
    ['a reserved event', '{"event":"nestwire:session"}', 'UNKNOWN_EVENT'],
  ])('(%s) gets an exception, and the session lives', (_, text, code) => {
    const { client } = openSession(new TestHost().on('ok', () => 1));
    client.receive(text);
    client.receive({ event: 'ok' });

    expect(client.messages).toEqual([
      { event: 'exception', data: expect.objectContaining({ status: 'error', code }) },
      { event: 'ok', data: 1 },
    ]);
  });

  it('that came as bytes is said not to be understood', () => {
    const { session, client } = openSession(new TestHost());
    session.message(Buffer.from('{"event":"a"}'));

    expect(client.messages[0]).toMatchObject({ data: { code: 'BAD_MESSAGE' } });
  });

  it('has the id in its exception where there was one', () => {
    const { client } = openSession(new TestHost());
    client.receive({ event: 'unknown', id: 'u' });
    client.receive({ id: 3 });

    expect(client.messages.map(({ id }) => id)).toEqual(['u', 3]);
  });

  it('a hundred times in a row closes with 4400', () => {
    const { client } = openSession(new TestHost());
    for (let i = 0; i < 99; i++) client.receive('bad');
    expect(client.closeFrame).toBeUndefined();
    client.receive('bad');

    expect(client.closeFrame?.code).toBe(4400);
    expect(client.sent).toHaveLength(100);
  });

  it('is forgiven after a good one', () => {
    const { client } = openSession(new TestHost().on('ok', () => 1));
    for (let i = 0; i < 500; i++) client.receive(i % 50 === 0 ? { event: 'ok' } : 'bad');

    expect(client.closeFrame).toBeUndefined();
  });

  it('is also one whose payload was refused, now or later', async () => {
    const host = new TestHost()
      .on('now', () => refuse('bad', 'VALIDATION_FAILED'))
      .on('later', async () => refuse('bad', 'VALIDATION_FAILED'));
    const { client } = openSession(host, { badMessages: 2 });
    client.receive({ event: 'now' });
    client.receive({ event: 'later' });
    await settle();

    expect(client.closeFrame?.code).toBe(4400);
  });

  it('is not one whose handler failed', () => {
    const { client } = openSession(new TestHost().on('fails', () => refuse('oops')));
    for (let i = 0; i < 200; i++) client.receive({ event: 'fails' });

    expect(client.closeFrame).toBeUndefined();
  });
});

describe('a client that does not read', () => {
  it('is closed with 4413 when one more message comes over the limit', () => {
    const { session, client } = openSession(new TestHost(), { outboundBytes: 1000 });
    client.isStalled = true;
    for (let i = 0; i < 20; i++) session.push('news', 'x'.repeat(100));

    expect(client.closeFrame?.code).toBe(4413);
    expect(client.queuedBytes).toBeLessThan(1200);
  });

  it('may get one message larger than the limit when nothing is queued', () => {
    const { session, client } = openSession(new TestHost(), { outboundBytes: 10 });
    session.push('news', 'x'.repeat(100));

    expect(client.sent).toHaveLength(1);
    expect(client.closeFrame).toBeUndefined();
  });
});
