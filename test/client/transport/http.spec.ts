/** The transports over plain HTTP, with a `fetch` whose server is the test. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { json } from '../../../lib/client/codec/json.js';
import { eventStreamTransport } from '../../../lib/client/transport/event-stream.js';
import { longPollingTransport, shortPollingTransport } from '../../../lib/client/transport/polling.js';
import type {
  ClientTransport,
  Ending,
  OpenTransport,
  Ticket,
} from '../../../lib/client/transport/transport.js';
import { sessionMessage } from '../support/fake-transport.js';

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
  answer(status: number, body?: unknown, headers?: Record<string, string>): Promise<void>;
  /** An answer that goes on. */
  stream(): (text: string) => Promise<void>;
  fail(): Promise<void>;
}

describe('The transports over plain HTTP', () => {
  let asked: Asked[];
  let told: unknown[];
  let endings: Ending[];
  let transport: ClientTransport;

  beforeEach(() => {
    jest.useFakeTimers();
    asked = [];
    told = [];
    endings = [];
  });

  afterEach(() => {
    transport.abandon();
    jest.useRealTimers();
  });

  const passed = (ms = 0): Promise<void> => jest.advanceTimersByTimeAsync(ms);

  const fetch = ((url: URL, { method = 'GET', headers, body, signal }: RequestInit) =>
    new Promise<Response>((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new Error('aborted')));
      asked.push({
        method,
        url: url.href,
        headers: headers as Record<string, string>,
        body: body as string | undefined,
        answer: (status, content, extra = {}) => {
          const text = content === undefined ? null : JSON.stringify(content);
          resolve(new Response(text, { status, headers: extra }));
          return passed();
        },
        stream: () => {
          let controller: ReadableStreamDefaultController<Uint8Array>;
          const stream = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) });
          signal?.addEventListener('abort', () => controller.error(new Error('aborted')));
          resolve(new Response(stream, { status: 200 }));
          return (text) => {
            controller.enqueue(new TextEncoder().encode(text));
            return passed();
          };
        },
        fail: () => {
          reject(new TypeError('no network'));
          return passed();
        },
      });
    })) as typeof globalThis.fetch;

  function open(opener: OpenTransport, session = 's.1', more: Partial<Ticket> = {}): void {
    transport = opener(
      {
        url: new URL('wss://example.com/chat?room=1'),
        subprotocols: ['chat.v1'],
        codec: json,
        session,
        isLost: false,
        cursors: undefined,
        token: 'secret',
        ...more,
      },
      {
        opened: () => told.push('opened'),
        message: ({ event }) => told.push(event),
        closed: (ending) => endings.push(ending),
      },
    );
  }

  const last = (): Asked => asked.at(-1)!;
  const posts = (): Asked[] => asked.filter(({ method }) => method === 'POST');
  const posted = (): unknown[] => posts().map(({ body }) => JSON.parse(body!) as unknown);

  describe('by long polls', () => {
    beforeEach(() => open(longPollingTransport(fetch)));

    const begin = (): Promise<void> => last().answer(200, { batch: 1, messages: [sessionMessage()] });

    it('asks with the secret that it was told last, and says what came', async () => {
      expect(last()).toMatchObject({
        method: 'GET',
        url: 'https://example.com/chat?room=1',
        headers: {
          Authorization: 'Bearer secret',
          'Nestwire-Protocol': 'chat.v1',
          'Nestwire-Session': 's.1',
          Prefer: 'wait=25',
        },
      });
      await begin();
      expect(told).toEqual(['nestwire:session', 'opened']);
      expect(last()).toMatchObject({
        url: 'https://example.com/chat?room=1&ack=1',
        headers: { 'Nestwire-Session': 's.x' },
      });
    });

    it('notices that a connection is dead', async () => {
      await begin();
      await passed(34_999);
      expect(endings).toEqual([]);
      await passed(1);
      expect(endings).toEqual([{ code: 1006, reason: 'Error: no answer in 35000 ms', retryMs: 0 }]);
    });

    it.each<[number, unknown]>([
      [204, undefined],
      [200, { messages: [] }],
      [200, null],
    ])('does not ask without end where nobody waits (%d %j)', async (status, body) => {
      await begin();
      await last().answer(status, body);
      await passed(999);
      expect(asked).toHaveLength(2);
      await passed(1);
      expect(asked).toHaveLength(3);
    });

    it('tells how the server closed', async () => {
      const close = { event: 'nestwire:close', data: { code: 1012, reason: 'retry=300' } };
      await last().answer(200, { batch: 1, messages: [sessionMessage(), close] });
      expect(endings).toEqual([{ code: 1012, reason: 'retry=300', retryMs: 300 }]);
    });

    it('tells the hint that an answer brings along with the close', async () => {
      const close = { event: 'nestwire:close', data: { code: 1012, reason: '' } };
      await begin();
      await last().answer(200, { batch: 2, messages: [close], retryMs: 700 });
      expect(endings).toEqual([{ code: 1012, reason: '', retryMs: 700 }]);
    });

    it('tells why it was refused, and for how long', async () => {
      await last().answer(503, {}, { 'Retry-After': '2' });
      expect(endings).toMatchObject([{ code: 1006, status: 503, retryMs: 2_000 }]);
    });

    it('posts what is sent in one turn together, and one batch at a time', async () => {
      await begin();
      for (const text of ['"a"', '"b"']) transport.send(text);
      await passed();
      transport.send('"c"');
      expect(posted()).toEqual([{ seq: 1, messages: ['a', 'b'] }]);
      await last().answer(202, { ack: 1 });
      expect(posted().at(-1)).toEqual({ seq: 2, messages: ['c'] });
    });

    it('posts the same again when the answer is lost, or does not come', async () => {
      await begin();
      transport.send('"a"');
      await passed();
      await last().fail();
      await passed(400);
      await passed(30_800);
      expect(posted()).toEqual(Array(3).fill({ seq: 1, messages: ['a'] }));
      await last().answer(202, { ack: 1 });
      expect(endings).toEqual([]);
    });

    it('gives up when nothing can be posted', async () => {
      await begin();
      transport.send('"a"');
      await passed();
      for (let i = 0; i < 4; i++) {
        await last().answer(502);
        await passed(2_000);
      }
      expect(posts()).toHaveLength(4);
      expect(endings).toMatchObject([{ status: 502 }]);
    });

    it('leaves the pause to the connection when the server wants one', async () => {
      await begin();
      transport.send('"a"');
      await passed();
      await last().answer(503, {}, { 'Retry-After': '5' });
      expect(endings).toMatchObject([{ status: 503, retryMs: 5_000 }]);
    });

    it('posts less at a time when it was too much, in the same order', async () => {
      await begin();
      for (const text of ['1', '2', '3']) transport.send(text);
      await passed();
      await last().answer(413);
      await last().answer(202);
      expect(posted()).toEqual([
        { seq: 1, messages: [1, 2, 3] },
        { seq: 1, messages: [1, 2] },
        { seq: 2, messages: [3] },
      ]);
    });

    it('closes as WebSocket does for a message that is too large by itself', async () => {
      await begin();
      transport.send('1');
      await passed();
      await last().answer(413);
      expect(endings).toMatchObject([{ code: 1009, status: 413 }]);
    });

    it('says goodbye by DELETE', async () => {
      await begin();
      transport.close(1000, '');
      expect(last()).toMatchObject({ method: 'DELETE', headers: { 'Nestwire-Session': 's.x' } });
      expect(endings).toEqual([]);
    });
  });

  it('makes a session by POST', async () => {
    open(longPollingTransport(fetch), 'new');
    expect(last()).toMatchObject({ method: 'POST', headers: { 'Nestwire-Session': 'new' } });
    await last().answer(201, { messages: [sessionMessage()] });
    expect(last()).toMatchObject({ method: 'GET', headers: { 'Nestwire-Session': 's.x' } });
    expect(told).toEqual([]);
  });

  it('polls in an interval, and seldom when the page is hidden', async () => {
    const globals = globalThis as { document?: { hidden: boolean } };
    open(shortPollingTransport(fetch, { intervalMs: 100, hiddenIntervalMs: 1_000 }));
    await passed();
    expect(last().headers).not.toHaveProperty('Prefer');
    await last().answer(200, { batch: 1, messages: [sessionMessage()] });
    await passed(100);
    expect(asked).toHaveLength(2);
    globals.document = { hidden: true };
    try {
      await last().answer(204);
      await passed(999);
      expect(asked).toHaveLength(2);
      await passed(1);
      expect(asked).toHaveLength(3);
    } finally {
      delete globals.document;
    }
  });

  it('makes a new session in place of one that is lost, and says where it was', async () => {
    open(longPollingTransport(fetch), 's.1', { isLost: true, cursors: { lobby: '1.e.7' } });
    await passed();
    expect(last()).toMatchObject({
      method: 'POST',
      headers: { 'Nestwire-Session': 'new', 'Content-Type': 'application/nestwire+json' },
      body: '{"cursors":{"lobby":"1.e.7"}}',
    });
  });

  it('tells the hint that an event stream brings along with the close', async () => {
    open(eventStreamTransport(fetch));
    await passed();
    const write = last().stream();
    await write(`data: ${JSON.stringify(sessionMessage())}\n\n`);
    await write('data: {"event":"nestwire:close","data":{"code":1012,"reason":""}}\nretry: 700\n\n');
    expect(endings).toEqual([{ code: 1012, reason: '', retryMs: 700 }]);
  });

  it('reads an event stream, and leaves it when it falls silent', async () => {
    open(eventStreamTransport(fetch));
    await passed();
    expect(last().headers).toMatchObject({ Accept: 'text/event-stream' });
    const write = last().stream();
    await write(`data: ${JSON.stringify(sessionMessage())}\n\n`);
    await write(': still here\n\n');
    await passed(34_999);
    await write('data: {"event":"news"}\n\n');
    expect(told).toEqual(['opened', 'nestwire:session', 'news']);
    await passed(34_999);
    expect(endings).toEqual([]);
    await passed(1);
    expect(endings).toMatchObject([{ code: 1006 }]);
  });
});
