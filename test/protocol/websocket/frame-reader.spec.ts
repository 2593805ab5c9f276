import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomBytesFrom, seed } from '../../support/seed.js';
import { byteByByte, everyCutInTwo, feed, inRandomPieces, splits } from '../../support/splits.js';
import {
  BINARY,
  CLOSE,
  CONTINUATION,
  PING,
  PONG,
  TEXT,
  clientFrame,
  closePayload,
  frame,
  headerDeclaring,
  KEY,
} from './frames.js';
import {
  Recorder,
  type ReaderOptions,
  type Told,
  binary,
  close,
  ping,
  pong,
  read,
  readerFor,
  text,
} from './recorder.js';

const some = (length: number): Buffer => randomBytesFrom(length, length);

interface Case {
  readonly what: string;
  readonly frames: readonly Buffer[];
  readonly told: readonly Told[];
  readonly options?: ReaderOptions;
}

const LENGTHS = [0, 1, 125, 126, 127, 191, 192, 65_535, 65_536, 70_001];
const LEGAL: readonly Case[] = [
  { what: 'a text message', frames: [clientFrame(TEXT, 'Hello')], told: [text('Hello')] },
  { what: 'an empty text message', frames: [clientFrame(TEXT)], told: [text('')] },
  { what: 'an empty binary message', frames: [clientFrame(BINARY)], told: [binary('')] },
  { what: 'text beyond ASCII', frames: [clientFrame(TEXT, 'é€😀')], told: [text('é€😀')] },
  {
    what: 'bytes that are no UTF-8',
    frames: [clientFrame(BINARY, Buffer.of(0xff, 0xc0))],
    told: [binary(Buffer.of(0xff, 0xc0))],
  },
  {
    what: 'a mask key of zeros',
    frames: [clientFrame(TEXT, 'plain', { key: [0, 0, 0, 0] })],
    told: [text('plain')],
  },
  {
    what: 'messages in a row, each with its own key',
    frames: [1, 2, 3].map((i) => clientFrame(TEXT, `no ${i}`, { key: [i, 0xff, i, 0x80] })),
    told: [text('no 1'), text('no 2'), text('no 3')],
  },
  {
    what: 'a message in three frames',
    frames: [
      clientFrame(TEXT, 'He', { fin: false }),
      clientFrame(CONTINUATION, 'l', { fin: false, key: [9, 9, 9, 9] }),
      clientFrame(CONTINUATION, 'lo'),
    ],
    told: [text('Hello')],
  },
  {
    what: 'a message whose frames are empty but for one',
    frames: [
      clientFrame(BINARY, '', { fin: false }),
      clientFrame(CONTINUATION, 'data', { fin: false }),
      clientFrame(CONTINUATION, '', { fin: false }),
      clientFrame(CONTINUATION),
    ],
    told: [binary('data')],
  },
  {
    what: 'a message of empty frames only',
    frames: [clientFrame(TEXT, '', { fin: false }), clientFrame(CONTINUATION)],
    told: [text('')],
  },
  {
    what: 'a code point cut by frames',
    frames: [
      clientFrame(TEXT, Buffer.of(0xf0), { fin: false }),
      clientFrame(CONTINUATION, Buffer.of(0x9f, 0x98), { fin: false }),
      clientFrame(CONTINUATION, Buffer.of(0x80)),
    ],
    told: [text('😀')],
  },
  {
    what: 'control frames between the fragments of a message',
    frames: [
      clientFrame(PING, 'before'),
      clientFrame(TEXT, 'one ', { fin: false }),
      clientFrame(PING, 'within'),
      clientFrame(CONTINUATION, 'two', { fin: false }),
      clientFrame(PONG),
      clientFrame(CONTINUATION, ' three'),
      clientFrame(PONG, 'after'),
    ],
    told: [ping('before'), ping('within'), pong(), text('one two three'), pong('after')],
  },
  {
    what: 'control frames of 0 and of 125 bytes',
    frames: [clientFrame(PING), clientFrame(PING, 'p'.repeat(125)), clientFrame(PONG, 'q'.repeat(125))],
    told: [ping(), ping('p'.repeat(125)), pong('q'.repeat(125))],
  },
  {
    what: 'a close frame with its payload as it came',
    frames: [clientFrame(CLOSE, closePayload(1000, 'bye'))],
    told: [close('\x03\xe8bye')],
  },
  { what: 'an empty close frame', frames: [clientFrame(CLOSE)], told: [close()] },
  {
    what: 'frames of a server, which are not masked',
    frames: [
      frame(TEXT, 'from'),
      frame(PING, 'a'),
      frame(BINARY, 'ser', { fin: false }),
      frame(CONTINUATION, 'ver'),
    ],
    told: [text('from'), ping('a'), binary('server')],
    options: { role: 'client' },
  },
  {
    what: 'transformed text, which is not checked and keeps its bit',
    frames: [
      clientFrame(TEXT, Buffer.of(0xff), { rsv: 0x40 }),
      clientFrame(TEXT, Buffer.of(0xc0), { rsv: 0x40, fin: false }),
      clientFrame(CONTINUATION, Buffer.of(0xc0)),
      clientFrame(TEXT, 'plain'),
    ],
    told: [['text', '\xff', 0x40], ['text', '\xc0\xc0', 0x40], text('plain')],
    options: { claimedRsv: 0x40 },
  },
  ...LENGTHS.map((length) => ({
    what: `a message of ${length} bytes between two small ones`,
    frames: [clientFrame(TEXT, 'a'), clientFrame(BINARY, some(length)), clientFrame(TEXT, 'b')],
    told: [text('a'), binary(some(length)), text('b')],
    options: { limits: { maxBufferedChunks: 100_000 } },
  })),
];

describe.each(LEGAL)('$what', ({ frames, told, options }) => {
  it.each([...splits, inRandomPieces(20_000)])('is read $name', ({ cut }) => {
    const result = read(cut(Buffer.concat(frames)), options);
    expect(result.error).toBeUndefined();
    expect(result.told).toEqual(told);
  });
});

describe('bytes cut in two anywhere', () => {
  const small = LEGAL.filter(({ frames }) => Buffer.concat(frames).length < 600);

  it.each(small)('make no difference to $what', ({ frames, told, options }) => {
    for (const halves of everyCutInTwo(Buffer.concat(frames))) {
      expect(read(halves, options)).toEqual({ told });
    }
  });
});

/** An illegal stream, the code it fails with, and how many of its bytes are needed to know. */
const ILLEGAL: readonly (readonly [
  what: string,
  bytes: Buffer,
  code: string,
  needed: number,
  ReaderOptions?,
])[] = [
  ['a frame that is not masked', frame(TEXT, 'a'), 'WS_ERR_EXPECTED_MASK', 2],
  ['a masked frame to a client', clientFrame(TEXT, 'a'), 'WS_ERR_UNEXPECTED_MASK', 2, { role: 'client' }],
  ['RSV1 without an extension', clientFrame(TEXT, '', { rsv: 0x40 }), 'WS_ERR_UNEXPECTED_RSV_1', 1],
  ['RSV2', clientFrame(TEXT, '', { rsv: 0x20 }), 'WS_ERR_UNEXPECTED_RSV_2_3', 1, { claimedRsv: 0x40 }],
  ['RSV3', clientFrame(TEXT, '', { rsv: 0x10 }), 'WS_ERR_UNEXPECTED_RSV_2_3', 1, { claimedRsv: 0x40 }],
  ['a reserved opcode', clientFrame(3, 'a'), 'WS_ERR_INVALID_OPCODE', 1],
  ['a reserved control opcode', clientFrame(11, 'a'), 'WS_ERR_INVALID_OPCODE', 1],
  ['a continuation of nothing', clientFrame(CONTINUATION, 'a'), 'WS_ERR_INVALID_OPCODE', 1],
  ['a fragmented ping', clientFrame(PING, '', { fin: false }), 'WS_ERR_EXPECTED_FIN', 1],
  ['a ping of 126 bytes', clientFrame(PING, some(126)), 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH', 2],
  [
    '5 bytes with a length of 16 bits',
    clientFrame(TEXT, 'fifth', { lengthBits: 16 }),
    'WS_ERR_INVALID_LENGTH_ENCODING',
    8,
  ],
  [
    '300 bytes with a length of 64 bits',
    clientFrame(BINARY, some(300), { lengthBits: 64 }),
    'WS_ERR_INVALID_LENGTH_ENCODING',
    14,
  ],
  [
    'a length of 2^63',
    headerDeclaring(BINARY, 2n ** 63n, { key: KEY }),
    'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
    14,
  ],
  [
    'a length of 2^63 - 1',
    headerDeclaring(BINARY, 2n ** 63n - 1n, { key: KEY }),
    'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
    14,
  ],
  [
    'one byte beyond the limit',
    clientFrame(BINARY, some(11)),
    'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
    6,
    { limits: { maxPayload: 10 } },
  ],
  ['text that is not UTF-8', clientFrame(TEXT, Buffer.of(0x61, 0xff)), 'WS_ERR_INVALID_UTF8', 8],
  ['text that ends inside a code point', clientFrame(TEXT, Buffer.of(0xe2, 0x82)), 'WS_ERR_INVALID_UTF8', 8],
];

describe.each(ILLEGAL)('%s', (_what, bytes, code, needed, options) => {
  const before = clientFrame(TEXT, 'legal');
  const serverBefore = frame(TEXT, 'legal');
  const stream = Buffer.concat([options?.role === 'client' ? serverBefore : before, bytes]);

  it.each(splits)('is refused behind legal frames, which are told, $name', ({ cut }) => {
    const { told, error } = read(cut(stream), options);
    expect(told).toEqual([text('legal')]);
    expect(error?.code).toBe(code);
  });

  it(`is refused at byte ${needed}, and nothing is told of it`, () => {
    const recorder = new Recorder();
    const reader = readerFor(recorder, options);
    feed(byteByByte.cut(bytes.subarray(0, needed - 1)), (chunk) => reader.receive(chunk));
    expect(() => reader.receive(Buffer.from(bytes.subarray(needed - 1, needed)))).toThrow(
      expect.objectContaining({ code }),
    );
    expect(recorder.told).toEqual([]);
  });
});

describe('a fragmented message', () => {
  const begin = clientFrame(TEXT, 'be', { fin: false });

  it.each([TEXT, BINARY])('can’t hold another that begins with opcode %d', (opcode) => {
    for (const { cut } of splits) {
      const { told, error } = read(cut(Buffer.concat([begin, clientFrame(opcode, 'x')])));
      expect(error).toMatchObject({ code: 'WS_ERR_INVALID_OPCODE', closeCode: 1002 });
      expect(told).toEqual([]);
    }
  });

  it('can’t have a reserved bit on its continuation, claimed or not', () => {
    const stream = Buffer.concat([begin, clientFrame(CONTINUATION, 'x', { rsv: 0x40 })]);
    expect(read([stream], { claimedRsv: 0x40 }).error?.code).toBe('WS_ERR_UNEXPECTED_RSV_1');
  });

  it('fails at the first octet that can’t be UTF-8, in whichever frame', () => {
    const stream = Buffer.concat([begin, clientFrame(CONTINUATION, Buffer.of(0xc0), { fin: false })]);
    for (const { cut } of splits) expect(read(cut(stream)).error?.code).toBe('WS_ERR_INVALID_UTF8');
  });

  it('fails when it ends inside a code point', () => {
    const stream = Buffer.concat([
      clientFrame(TEXT, Buffer.of(0xe2), { fin: false }),
      clientFrame(CONTINUATION),
    ]);
    for (const { cut } of splits) expect(read(cut(stream)).error?.code).toBe('WS_ERR_INVALID_UTF8');
  });

  it('is over when the next begins', () => {
    const stream = [begin, clientFrame(CONTINUATION, 'gun'), clientFrame(CONTINUATION, 'x')];
    const { told, error } = read([Buffer.concat(stream)]);
    expect(told).toEqual([text('begun')]);
    expect(error?.message).toBe('continuation frame without a message to continue');
  });
});

describe('payloads told', () => {
  it('belong to the listener: no two share bytes, none shares the chunk', () => {
    const recorder = new Recorder();
    const reader = readerFor(recorder);
    const frames = [clientFrame(TEXT, 'abc'), clientFrame(BINARY, some(500)), clientFrame(PING, 'ping')];
    const chunk = Buffer.concat(frames);
    reader.receive(chunk);
    for (const payload of recorder.payloads)
      expect(payload.buffer === chunk.buffer && overlaps(payload, chunk)).toBe(false);
    recorder.payloads[0]!.fill(0);
    expect(recorder.payloads[1]).toEqual(some(500));
    expect(recorder.payloads[2]!.toString()).toBe('ping');
  });

  const overlaps = (a: Buffer, b: Buffer): boolean =>
    a.byteOffset < b.byteOffset + b.length && b.byteOffset < a.byteOffset + a.length;
});

describe('a listener that throws', () => {
  class Thrower extends Recorder {
    override note(told: Told, payload: Buffer): void {
      super.note(told, payload);
      if (payload.toString() === 'throw') throw new Error('listener');
    }
  }

  const throwing: readonly (readonly [string, Buffer, Told])[] = [
    ['a message', clientFrame(TEXT, 'throw'), text('throw')],
    ['a ping', clientFrame(PING, 'throw'), ping('throw')],
    ['a pong', clientFrame(PONG, 'throw'), pong('throw')],
    ['a close frame', clientFrame(CLOSE, 'throw'), close('throw')],
  ];

  it.each(throwing)('of %s leaves the reader between two frames', (_what, bytes, told) => {
    for (const { cut } of splits) {
      const recorder = new Thrower();
      const reader = readerFor(recorder);
      expect(() => feed(cut(bytes), (chunk) => reader.receive(chunk))).toThrow('listener');
      expect(reader.isMidMessage).toBe(false);
      reader.receive(clientFrame(TEXT, 'next'));
      expect(recorder.told).toEqual([told, text('next')]);
    }
  });

  it('of a fragmented message leaves none behind', () => {
    const recorder = new Thrower();
    const reader = readerFor(recorder);
    reader.receive(clientFrame(TEXT, 'thr', { fin: false }));
    expect(() => reader.receive(clientFrame(CONTINUATION, 'ow'))).toThrow('listener');
    reader.receive(clientFrame(BINARY, 'next'));
    expect(recorder.told).toEqual([text('throw'), binary('next')]);
  });

  it('of a ping between fragments leaves the message as it was', () => {
    const recorder = new Thrower();
    const reader = readerFor(recorder);
    reader.receive(clientFrame(TEXT, 'wh', { fin: false }));
    expect(() => reader.receive(clientFrame(PING, 'throw'))).toThrow('listener');
    reader.receive(clientFrame(CONTINUATION, 'ole'));
    expect(recorder.told).toEqual([ping('throw'), text('whole')]);
  });
});

describe('stopping', () => {
  it('drops whatever comes later, legal or not', () => {
    const recorder = new Recorder();
    const reader = readerFor(recorder);
    reader.stop();
    reader.receive(clientFrame(TEXT, 'late'));
    reader.receive(frame(3, 'illegal'));
    expect(recorder.told).toEqual([]);
  });

  it('by a listener drops the rest of the same chunk', () => {
    const recorder = new (class extends Recorder {
      override onClose(payload: Buffer): void {
        super.onClose(payload);
        reader.stop();
      }
    })();
    const reader = readerFor(recorder);
    reader.receive(Buffer.concat([clientFrame(CLOSE), clientFrame(TEXT, 'late'), frame(3)]));
    expect(recorder.told).toEqual([close()]);
  });

  it('forgets a message that has begun', () => {
    const reader = readerFor(new Recorder());
    reader.receive(clientFrame(TEXT, 'be', { fin: false }));
    reader.stop();
    expect(reader.isMidMessage).toBe(false);
  });
});

describe('being in the middle of something', () => {
  const cases: readonly (readonly [string, Buffer, boolean])[] = [
    ['nothing', Buffer.alloc(0), false],
    ['one byte of a header', Buffer.of(0x81), true],
    ['a header without its payload', clientFrame(TEXT, 'a').subarray(0, 6), true],
    ['part of a payload', clientFrame(TEXT, 'abc').subarray(0, 8), true],
    ['a whole message', clientFrame(TEXT, 'abc'), false],
    ['a fragment', clientFrame(TEXT, 'abc', { fin: false }), true],
    ['an empty message', clientFrame(TEXT), false],
    ['part of a ping', clientFrame(PING, 'abc').subarray(0, 7), true],
    ['a whole ping', clientFrame(PING, 'abc'), false],
  ];

  it.each(cases)('after %s', (_what, bytes, expected) => {
    for (const { cut } of splits) {
      const reader = readerFor(new Recorder());
      feed(cut(bytes), (chunk) => reader.receive(chunk));
      expect(reader.isMidMessage).toBe(expected);
    }
  });
});

describe('any messages', () => {
  const content = fc.uint8Array({ maxLength: 300 });
  const key = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
  const fragmented = fc.array(fc.record({ content, key }), { minLength: 1, maxLength: 5 });

  const framesOf = (parts: readonly { content: Uint8Array; key: readonly number[] }[]): Buffer[] =>
    parts.map((part, i) =>
      clientFrame(i === 0 ? BINARY : CONTINUATION, part.content, {
        key: part.key,
        fin: i === parts.length - 1,
      }),
    );

  it(`are read as they were written, whatever the fragments, masks and cuts (TEST_SEED=${seed})`, () => {
    fc.assert(
      fc.property(
        fc.array(fragmented, { maxLength: 5 }),
        fc.integer(),
        fc.nat(80),
        (messages, from, longest) => {
          const bytes = Buffer.concat(messages.flatMap(framesOf));
          const { told } = read(inRandomPieces(longest + 1, from).cut(bytes));
          expect(told).toEqual(
            messages.map((parts) => binary(Buffer.concat(parts.map((part) => part.content)))),
          );
        },
      ),
      { seed, numRuns: 300 },
    );
  });

  it(`of any bytes at all end in a WebSocketError or not at all (TEST_SEED=${seed})`, () => {
    const bytes = fc.uint8Array({ maxLength: 400 });
    fc.assert(
      fc.property(bytes, fc.integer(), (garbage, from) => {
        const stream = Buffer.from(garbage);
        const inPieces = read(inRandomPieces(9, from).cut(stream));
        expect(inPieces).toEqual(read([stream]));
      }),
      { seed, numRuns: 1000 },
    );
  });
});
