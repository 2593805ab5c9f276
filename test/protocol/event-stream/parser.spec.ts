import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type EventFields,
  EventStreamParser,
  EventTooLargeError,
  type ReceivedEvent,
  serializeEvent,
} from '../../../lib/protocol/event-stream/index.js';
import { everyCutInTwo, feed, splits } from '../../support/splits.js';
import { seed } from '../../support/seed.js';

type Seen = ReceivedEvent | { comment: string } | { retry: number };

function read(pieces: readonly Uint8Array[], limit?: number): Seen[] {
  const seen: Seen[] = [];
  const parser = new EventStreamParser(
    {
      onEvent: (event) => seen.push(event),
      onComment: (comment) => seen.push({ comment }),
      onRetry: (retry) => seen.push({ retry }),
    },
    limit,
  );
  feed(
    pieces.map((piece) => Buffer.from(piece)),
    (chunk) => parser.push(chunk),
  );
  return seen;
}

const message = (data: string, id = ''): ReceivedEvent => ({ event: 'message', data, id });

/** From the WHATWG text, and from what servers send. */
const CASES: [title: string, text: string, seen: Seen[]][] = [
  ['data in several lines', 'data: YHOO\ndata: +2\ndata: 10\n\n', [message('YHOO\n+2\n10')]],
  [
    'ids, one of them taken back',
    ': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n',
    [
      { comment: ' test stream' },
      message('first event', '1'),
      message('second event'),
      message(' third event'),
    ],
  ],
  ['empty data, and an event without its end', 'data\n\ndata\ndata\n\ndata:', [message(''), message('\n')]],
  ['one space, no more', 'data:test\n\ndata: test\n\n', [message('test'), message('test')]],
  ['an event without data', 'event: a\n\ndata: b\n\n', [message('b')]],
  ['an id without data', 'id: 5\n\ndata: b\n\n', [message('b', '5')]],
  ['NUL in an id', 'id: 1\nid: a\0\ndata: x\n\n', [message('x', '1')]],
  ['named events', 'event: add\ndata: 1\n\n', [{ event: 'add', data: '1', id: '' }]],
  ['times to wait', 'retry: 10\nretry: 1x\nretry: -1\nretry:\n\n', [{ retry: 10 }]],
  ['unknown fields', 'foo: 1\n data: 2\nDATA: 3\ndata: 4\n\n', [message('4')]],
  ['CR', 'data: a\rdata: b\r\r', [message('a\nb')]],
  ['CRLF', 'data: a\r\ndata: b\r\n\r\n', [message('a\nb')]],
  ['all line ends mixed', 'data: a\r\ndata: b\rdata: c\n\r\n', [message('a\nb\nc')]],
  ['a BOM at the start', '\ufeffdata: a\n\n', [message('a')]],
  ['a BOM elsewhere', 'data: \ufeffa\n\n', [message('\ufeffa')]],
  ['text of many bytes', 'data: ä€😀\n\n', [message('ä€😀')]],
];

describe('reading an event stream', () => {
  it.each(CASES.flatMap(([title, text, seen]) => splits.map((split) => ({ title, text, seen, split }))))(
    '$title, $split.name',
    ({ text, seen, split }) => {
      expect(read(split.cut(Buffer.from(text)))).toEqual(seen);
    },
  );

  it('gives the same wherever it is cut', () => {
    for (const [, text, seen] of CASES) {
      for (const halves of everyCutInTwo(Buffer.from(text))) expect(read(halves)).toEqual(seen);
    }
  });

  it('tells each new id, also without data', () => {
    const ids: string[] = [];
    const parser = new EventStreamParser({ onEvent: () => undefined, onId: (id) => ids.push(id) });
    parser.push(Buffer.from('id: 1\n\nid: 1\ndata: x\n\nid: 2\n\nid\n\n'));

    expect(ids).toEqual(['1', '2', '']);
  });

  describe('stops at its limit', () => {
    const endless = (text: string, limit: number): (() => unknown) => {
      const chunk = Buffer.from(text);
      return () =>
        read(
          Array.from({ length: 1_000 }, () => chunk),
          limit,
        );
    };

    it('S6: of data lines without end', () => {
      expect(endless('data:\n'.repeat(1_000), 1024 * 1024)).toThrow(EventTooLargeError);
    });

    it('S6: of a line without end', () => {
      expect(endless('x'.repeat(1_000), 65_536)).toThrow('more than 65536 characters');
    });

    it('of fields that say nothing', () => {
      expect(endless('event: x\n', 4096)).toThrow(EventTooLargeError);
    });

    it('but neither of comments nor of events, however many', () => {
      expect(endless(': heartbeat\n', 100)).not.toThrow();
      expect(endless('data: x\n\n', 100)).not.toThrow();
    });

    it('and reads nothing any more', () => {
      const parser = new EventStreamParser({ onEvent: () => undefined }, 4);
      expect(() => parser.push(Buffer.from('data: x\n\n'))).toThrow(EventTooLargeError);
      expect(() => parser.push(Buffer.from('\n'))).toThrow(EventTooLargeError);
    });
  });

  it(`gives back what was written (seed ${seed})`, () => {
    const line = fc.string({ unit: 'binary' }).filter((text) => !/[\r\n\0]/.test(text));
    const fields: fc.Arbitrary<EventFields & { data: string }> = fc.record(
      {
        event: line.filter((text) => text !== ''),
        id: line,
        comment: fc.string(),
        data: fc.string({ unit: fc.constantFrom('a', '\n', '\r', ' ', ':', '€', '😀') }),
      },
      { requiredKeys: ['data'] },
    );
    fc.assert(
      fc.property(fc.array(fields), fc.infiniteStream(fc.integer({ min: 1, max: 9 })), (events, sizes) => {
        let id = '';
        const sent = events.map(({ event, data, ...others }) => {
          id = others.id ?? id;
          return { event: event ?? 'message', data: data.replace(/\r\n?/g, '\n'), id };
        });
        const bytes = Buffer.from(events.map(serializeEvent).join(''));
        const pieces: Buffer[] = [];
        for (let at = 0; at < bytes.length;) {
          const size = sizes.next().value as number;
          pieces.push(bytes.subarray(at, (at += size)));
        }
        const received = read(pieces).filter((one) => 'event' in one);
        expect(received).toEqual(sent.map((one) => ({ ...one, ...decoded(one) })));
      }),
      { seed, numRuns: 100 },
    );
  });
});

/** What does not survive UTF-8, lone surrogates, is replaced. */
function decoded({ event, data, id }: ReceivedEvent): ReceivedEvent {
  const through = (text: string): string => Buffer.from(text).toString();
  return { event: through(event), data: through(data), id: through(id) };
}
