import { constants, deflateRawSync } from 'node:zlib';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { FRAMES_PER_TURN } from '../../../lib/transport/websocket/inbound.js';
import { CLOSE, PING, TEXT, clientFrame, closePayload, frame } from '../../protocol/websocket/frames.js';
import { perTurn } from '../../support/turns.js';
import { type Connected, connected } from './owner.js';
import { framesIn, linesIn } from './received-frames.js';
import { SlowExtension } from './slow-extension.js';

const RSV1 = 0x40;
const READ_BYTES = 64 * 1024;

let one: Connected;
let extension: SlowExtension;

beforeEach(() => {
  extension = new SlowExtension();
  one = connected();
});

afterEach(async () => {
  jest.restoreAllMocks();
  one.socket.destroy();
  await turn();
});

const plain = (text: string): Buffer => clientFrame(TEXT, text);
const squeezed = (text: string): Buffer => clientFrame(TEXT, text, { rsv: RSV1 });

/** Messages "0", "1" and so on. */
const numbered = (count: number, from = 0): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, i) => plain(String(from + i))));

const lines = (count: number): string[] => Array.from({ length: count }, (_, i) => `text ${i}`);

const untilTold = (count: number): Promise<number[]> => perTurn(() => one.owner.log.length, count);

describe('a chunk of more messages than a turn takes', () => {
  it('is worked off over several turns, in order', async () => {
    one.connection.receive(numbered(3_000));
    expect(one.owner.log).toHaveLength(FRAMES_PER_TURN);
    const turns = await untilTold(3_000);
    expect(Math.max(...turns)).toBe(FRAMES_PER_TURN);
    expect(one.owner.log).toEqual(lines(3_000));
  });

  it('comes before what is read later', async () => {
    await one.socket.arrive(numbered(2_000), numbered(1_000, 2_000));
    await untilTold(3_000);
    expect(one.owner.log).toEqual(lines(3_000));
  });

  it('is answered in one write a turn', async () => {
    one.owner.listener = (text) => one.connection.send(text, false, true);
    one.connection.receive(numbered(3_000));
    await untilTold(3_000);
    await turn();
    expect(one.socket.writes).toHaveLength(3);
    expect(linesIn(one.socket.output)).toEqual(lines(3_000));
  });

  it('may be one of a server, to a client', async () => {
    one = connected({ role: 'client' });
    one.connection.receive(Buffer.concat(Array<Buffer>(2_000).fill(frame(TEXT, 'a'))));
    expect(one.owner.log).toHaveLength(FRAMES_PER_TURN);
    await untilTold(2_000);
  });

  it('may be one of pings, each of them answered', async () => {
    one.connection.receive(Buffer.concat(Array<Buffer>(2_000).fill(clientFrame(PING))));
    expect(framesIn(one.socket.output)).toHaveLength(FRAMES_PER_TURN);
    await untilTold(2_000);
    expect(framesIn(one.socket.output)).toHaveLength(2_000);
  });

  it('has the close frame told at its place, and the end of the stream behind it', async () => {
    one.socket.push(Buffer.concat([numbered(2_000), clientFrame(CLOSE, closePayload(1000, 'bye'))]));
    await one.socket.arriveEnd();
    await untilTold(2_001);
    expect(one.owner.log.slice(-2)).toEqual(['text 1999', 'closed 1000']);
    expect(one.owner.end).toEqual({ code: 1000, reason: 'bye', clean: true });
  });

  it('is told whole when the peer half-closes right behind it', async () => {
    one.socket.push(numbered(2_000));
    await one.socket.arriveEnd();
    await untilTold(2_001);
    expect(one.owner.log).toEqual([...lines(2_000), 'closed 1006']);
  });

  it('is told whole even when the socket is gone by then', async () => {
    one.connection.receive(numbered(2_000));
    one.socket.destroy();
    await untilTold(2_001);
    expect(one.owner.log).toEqual([...lines(2_000), 'closed 1006']);
  });

  it('is told before the end however the application pauses and resumes within', async () => {
    one.owner.listener = (text) => {
      if (Number(text) % 100 === 0) one.connection.pause();
      if (Number(text) % 100 === 1) one.connection.resume();
    };
    one.connection.receive(numbered(2_000));
    one.socket.destroy();
    await untilTold(2_001);
    expect(one.owner.log).toEqual([...lines(2_000), 'closed 1006']);
  });

  it('is told to the end when the application pauses, but nothing of what follows', async () => {
    await one.socket.arrive(numbered(2_000));
    one.connection.pause();
    await one.socket.arrive(plain('later'));
    await untilTold(2_000);
    await turn();
    expect(one.owner.log).toEqual(lines(2_000));
    one.connection.resume();
    await turn();
    expect(one.owner.log.at(-1)).toBe('text later');
  });

  it('is not hurried by an application that resumes meanwhile', async () => {
    one.connection.receive(numbered(3_000));
    one.connection.pause();
    one.connection.resume();
    one.socket.push(plain('later'));
    expect(one.owner.log).toHaveLength(FRAMES_PER_TURN);
    await untilTold(3_001);
    expect(one.owner.log).toEqual([...lines(3_000), 'text later']);
  });

  it('is dropped when the application terminates the connection', async () => {
    one.connection.receive(numbered(2_000));
    one.connection.terminate();
    await untilTold(FRAMES_PER_TURN + 1);
    await turn();
    expect(one.owner.log).toEqual([...lines(FRAMES_PER_TURN), 'closed 1006']);
  });

  it('is told on while the application closes the connection, as all that comes before the peer’s close', async () => {
    one.connection.receive(numbered(2_000));
    one.connection.close(1000);
    await untilTold(2_000);
    expect(one.owner.log).toEqual(lines(2_000));
  });

  it('ends at a violation', async () => {
    one.connection.receive(Buffer.concat([numbered(2_000), frame(TEXT, 'not masked'), plain('never')]));
    await untilTold(2_001);
    expect(one.owner.log.at(-1)).toBe('failed WS_ERR_EXPECTED_MASK: client frame is not masked');
  });

  it('does not count against the heartbeat', () => {
    expect(one.connection.isReading).toBe(true);
    one.connection.receive(numbered(2_000));
    expect(one.connection.isReading).toBe(false);
    expect(one.connection.isPaused).toBe(false);
  });
});

describe('a connection that stays below that', () => {
  it('is not held up by what came in other turns', () => {
    const later = jest.spyOn(globalThis, 'setImmediate');
    for (let i = 0; i < 10; i++) one.connection.receive(numbered(1_000));
    expect(one.owner.log).toHaveLength(10_000);
    expect(later).not.toHaveBeenCalled();
  });

  it('is not held up by the bytes of large messages, however many reads they take', () => {
    one = connected({ maxPayload: 4 * 1024 * 1024 });
    const later = jest.spyOn(globalThis, 'setImmediate');
    const large = clientFrame(TEXT, Buffer.alloc(1024 * 1024, 'a'));
    for (let at = 0; at < large.length; at += READ_BYTES) {
      one.connection.receive(large.subarray(at, at + READ_BYTES));
    }
    expect(one.owner.log).toHaveLength(1);
    expect(later).not.toHaveBeenCalled();
  });
});

describe('reads of 64 KiB', () => {
  it('are those of one turn, and counted together', () => {
    const filler = clientFrame(TEXT, Buffer.alloc(READ_BYTES - numbered(500).length - 8, 'a'));
    const read = Buffer.concat([numbered(500), filler]);
    expect(read).toHaveLength(READ_BYTES);
    for (let i = 0; i < 3; i++) one.connection.receive(read);
    expect(one.owner.log).toHaveLength(FRAMES_PER_TURN);
  });
});

describe('TLS', () => {
  it('may give any number of small chunks in one turn, which are counted together', async () => {
    Object.defineProperty(one.socket, 'encrypted', { value: true });
    for (let i = 0; i < 1_100; i++) one.socket.push(plain(String(i)));
    const turns = await untilTold(1_100);
    expect(Math.max(...turns)).toBeLessThanOrEqual(FRAMES_PER_TURN);
    expect(one.owner.log).toEqual(lines(1_100));
  });
});

describe('compressed messages', () => {
  const NEGOTIATED = { name: 'x', rsv: RSV1 };

  /** An extension whose decoding makes `bytes` of any message, at once. */
  function inflatingTo(bytes: number): Connected {
    const decoded = Buffer.alloc(bytes, 'a');
    const transform = { encode: () => undefined, decode: () => decoded, close: () => {} };
    const accepted = { parameters: new Map<string, never>(), open: () => transform };
    return connected({ extensions: [{ ...NEGOTIATED, accepted }] });
  }

  const toldOf = (connection: Connected, message: Buffer): number => {
    connection.connection.receive(Buffer.concat(Array<Buffer>(2_000).fill(message)));
    return connection.owner.log.length;
  };

  it('take as much of a turn as sixteen others', () => {
    one = inflatingTo(1);
    expect(toldOf(one, squeezed('a'))).toBe(Math.ceil(FRAMES_PER_TURN / 17));
  });

  it('take more the larger they are before, and after', () => {
    one = inflatingTo(1);
    expect(toldOf(one, squeezed('a'.repeat(640)))).toBe(Math.ceil(FRAMES_PER_TURN / (17 + 10)));
    one.socket.destroy();
    one = inflatingTo(5_120);
    expect(toldOf(one, squeezed('a'))).toBe(Math.ceil(FRAMES_PER_TURN / (17 + 10)));
  });

  it('that each take their time are held up like others, and stay in order', async () => {
    one = connected({ extensions: extension.negotiated });
    one.connection.receive(Buffer.concat([numbered(1_020), squeezed('a'), numbered(1_000)]));
    expect(one.owner.log).toHaveLength(1_020);
    await extension.finish();
    await untilTold(2_021);
    expect(one.owner.log.slice(1_019, 1_022)).toEqual(['text 1019', 'text <a>', 'text 0']);
  });

  it('of one byte are inflated a few at a time by permessage-deflate too', async () => {
    const { perMessageDeflate } = await import('../../../lib/transport/websocket/index.js');
    const deflate = perMessageDeflate();
    const accepted = deflate.accept(new Map())!;
    one = connected({ extensions: [{ name: deflate.name, rsv: RSV1, accepted }] });
    const letter = deflateRawSync('a', { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    one.connection.receive(Buffer.concat(Array<Buffer>(500).fill(clientFrame(TEXT, letter, { rsv: RSV1 }))));
    expect(one.owner.log).toHaveLength(Math.ceil(FRAMES_PER_TURN / 17));
    await untilTold(500);
    expect(new Set(one.owner.log)).toEqual(new Set(['text a']));
  });
});
