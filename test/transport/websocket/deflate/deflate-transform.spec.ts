import { randomBytes } from 'node:crypto';
import { constants, deflateRawSync } from 'node:zlib';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { DeflateParameters, OutgoingMessage, Role } from '../../../../lib/protocol/websocket/index.js';
import {
  type PerMessageDeflateOptions,
  deflateSettings,
} from '../../../../lib/transport/websocket/deflate/deflate-options.js';
import { DeflateTransform } from '../../../../lib/transport/websocket/deflate/deflate-transform.js';
import { Deflater } from '../../../../lib/transport/websocket/deflate/sync-zlib.js';

const KIB = 1024;
const MIB = 1024 * KIB;

const TAKEOVER: DeflateParameters = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};
const NO_TAKEOVER = { ...TAKEOVER, serverNoContextTakeover: true, clientNoContextTakeover: true };

const open: DeflateTransform[] = [];

interface Options extends PerMessageDeflateOptions {
  readonly agreed?: DeflateParameters;
  readonly maxPayload?: number;
}

function transform(
  role: Role,
  { agreed = TAKEOVER, maxPayload = MIB, ...given }: Options = {},
): DeflateTransform {
  const one = new DeflateTransform(
    role,
    agreed,
    deflateSettings({ threshold: 0, ...given }),
    { maxPayload },
    0,
  );
  open.push(one);
  return one;
}

const pair = (options?: Options): [DeflateTransform, DeflateTransform] => [
  transform('server', options),
  transform('client', options),
];

afterEach(() => {
  jest.restoreAllMocks();
  for (const one of open.splice(0)) one.close();
});

const message = (payload: string | Buffer, compress = true): OutgoingMessage => ({
  payload: Buffer.from(payload),
  isBinary: true,
  compress,
});

const deflated = (content: Buffer): Buffer =>
  deflateRawSync(content, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);

/** Jest compares large buffers byte by byte, slowly. */
function expectSame(actual: Buffer, expected: Buffer): void {
  expect(actual.equals(expected)).toBe(true);
}

/** Half noise, so that it does not shrink to nothing. */
const sample = (bytes: number): Buffer => Buffer.concat([randomBytes(bytes / 2), Buffer.alloc(bytes / 2)]);

describe('what is compressed', () => {
  it('begins at the threshold', () => {
    const one = transform('server', { threshold: 10 });
    expect(one.encode(message('123456789'))).toBeUndefined();
    expect(one.encode(message('1234567890'))).toBeInstanceOf(Buffer);
  });

  it('is not what the application wants left alone', () => {
    const one = transform('server');
    expect(one.encode(message('abc', false))).toBeUndefined();
    expect(one.shared.encode(message('abc', false))).toBeUndefined();
  });

  it('is done at once up to 64 KiB, in the thread pool beyond', async () => {
    const one = transform('server');
    expect(one.encode(message(sample(64 * KIB)))).toBeInstanceOf(Buffer);
    const pending = one.encode(message(sample(64 * KIB + 2)));
    expect(pending).toBeInstanceOf(Promise);
    await pending;
  });
});

describe.each([
  ['with takeover', TAKEOVER],
  ['without takeover', NO_TAKEOVER],
  ['with windows of 256 bytes', { ...TAKEOVER, serverMaxWindowBits: 8, clientMaxWindowBits: 8 }],
])('%s', (_what, agreed) => {
  it('messages of all sizes arrive, both ways', async () => {
    const [server, client] = pair({ agreed });
    for (const bytes of [0, 2, 1000, 64 * KIB, 64 * KIB + 2, 200 * KIB, 1000]) {
      const content = sample(bytes);
      expectSame(await client.decode((await server.encode(message(content)))!), content);
      expectSame(await server.decode((await client.encode(message(content)))!), content);
    }
  });
});

describe('the context of a connection', () => {
  const text = 'a text that comes again and again';

  it('makes the second of two equal messages smaller with takeover', () => {
    const one = transform('server');
    const [first, second] = [one.encode(message(text)), one.encode(message(text))] as [Buffer, Buffer];
    expect(second.length).toBeLessThan(first.length);
  });

  it('is not used without', () => {
    const one = transform('server', { agreed: NO_TAKEOVER });
    expect(one.encode(message(text))).toEqual(one.encode(message(text)));
  });

  it('starts afresh behind a frame that it did not make, shared or from the thread pool', async () => {
    const [server, client] = pair();
    const decoded = async (payload: Buffer): Promise<string> => (await client.decode(payload)).toString();
    const first = server.encode(message(text)) as Buffer;
    expect(await decoded(first)).toBe(text);
    for (const foreign of ['shared', 'pool'] as const) {
      const content = foreign === 'shared' ? Buffer.from('of all') : sample(100 * KIB);
      const encoded =
        foreign === 'shared' ? server.shared.encode(message(content)) : server.encode(message(content));
      expectSame(await client.decode((await encoded)!), Buffer.from(content));
      if (foreign === 'shared') server.shared.sent();
      const next = server.encode(message(text)) as Buffer;
      expect(next).toEqual(first);
      expect(await decoded(next)).toBe(text);
    }
  });

  it('is reset once for any number of shared frames, and only when it is needed again', () => {
    const reset = jest.spyOn(Deflater.prototype, 'reset');
    const one = transform('server');
    void one.encode(message(text));
    for (let i = 0; i < 100; i++) one.shared.sent();
    expect(reset).not.toHaveBeenCalled();
    void one.encode(message(text));
    void one.encode(message(text));
    expect(reset).toHaveBeenCalledTimes(1);
  });
});

describe('shared encoding', () => {
  it('has one key for all that compress alike', () => {
    expect(transform('server').shared.key).toBe(transform('server', { agreed: NO_TAKEOVER }).shared.key);
    const others: Options[] = [
      { agreed: { ...TAKEOVER, serverMaxWindowBits: 12 } },
      { level: 1 },
      { memLevel: 9 },
      { threshold: 100 },
    ];
    const keys = others.map((options) => transform('server', options).shared.key);
    expect(new Set([transform('server').shared.key, ...keys]).size).toBe(5);
  });

  it('leaves large messages to the thread pool', async () => {
    const [server, client] = pair();
    const content = sample(100 * KIB);
    const pending = server.shared.encode(message(content));
    expect(pending).toBeInstanceOf(Promise);
    expectSame(await client.decode((await pending)!), content);
  });
});

describe('inflating', () => {
  it.each([
    ['at once', 10 * KIB, 4 * KIB],
    ['in slices', 100 * KIB, 4 * KIB],
    ['in slices, of which none is beyond by itself', 300 * KIB, 200 * KIB],
  ])('%s fails with 1009 beyond the limit', async (_how, bytes, maxPayload) => {
    const one = transform('server', { maxPayload });
    const decoding = async (): Promise<Buffer> => one.decode(deflated(randomBytes(bytes)));
    await expect(decoding()).rejects.toMatchObject({
      code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
      closeCode: 1009,
      message: `inflated message exceeds the limit of ${maxPayload} bytes`,
    });
  });

  it.each([10, 10 * KIB])('%d bytes that are no DEFLATE fail with 1007', async (bytes) => {
    const one = transform('server');
    const decoding = async (): Promise<Buffer> => one.decode(Buffer.alloc(bytes, 0xff));
    await expect(decoding()).rejects.toMatchObject({ code: 'WS_ERR_INVALID_DATA', closeCode: 1007 });
  });

  it('of much lets other work pass in between', async () => {
    const one = transform('server', { maxPayload: 16 * MIB });
    const other = jest.fn();
    const pending = one.decode(deflated(Buffer.alloc(8 * MIB)));
    setImmediate(other);
    await pending;
    expect(other).toHaveBeenCalledTimes(1);
  });
});
