import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { connectionOptions } from '../../../lib/transport/websocket/options.js';
import type { SendData } from '../../../lib/transport/websocket/payload.js';
import { PreparedFrames } from '../../../lib/transport/websocket/prepared-frames.js';
import { WebSocket } from '../../../lib/transport/websocket/web-socket.js';
import type { SendCallback } from '../../../lib/transport/websocket/websocket-types.js';
import {
  BINARY,
  CLOSE,
  PING,
  PONG,
  TEXT,
  clientFrame,
  closePayload,
  frame,
} from '../../protocol/websocket/frames.js';
import { FakeSocket } from './fake-socket.js';
import { linesIn } from './received-frames.js';

let socket: FakeSocket;
let webSocket: WebSocket;

function open(subprotocol = ''): WebSocket {
  socket = new FakeSocket();
  const options = connectionOptions({ heartbeat: false });
  return new WebSocket({ socket: socket.asSocket, role: 'server', subprotocol, options, extensions: [] });
}

beforeEach(() => {
  webSocket = open();
});

afterEach(async () => {
  socket.destroy();
  await turn();
});

const sent = async (): Promise<string[]> => {
  await turn();
  return linesIn(socket.output);
};

describe('sending', () => {
  const bytes = Uint8Array.of(104, 105);

  it.each<[string, SendData, string]>([
    ['a string', 'hi', 'text hi'],
    ['an empty string', '', 'text'],
    ['a number', 42, 'text 42'],
    ['a Buffer', Buffer.from('hi'), 'binary hi'],
    ['a Uint8Array', bytes, 'binary hi'],
    ['an ArrayBuffer', bytes.buffer, 'binary hi'],
    ['a DataView', new DataView(bytes.buffer), 'binary hi'],
    ['a list of Buffers', [Buffer.from('h'), Buffer.from('i')], 'binary hi'],
  ])('%s makes a message of its kind', async (_what, data, line) => {
    webSocket.send(data);
    expect(await sent()).toEqual([line]);
  });

  it('may say which kind it is', async () => {
    webSocket.send('hi', { binary: true });
    webSocket.send(Buffer.from('hi'), { binary: false });
    webSocket.send('hi', {});
    expect(await sent()).toEqual(['binary hi', 'text hi', 'text hi']);
  });

  it.each<[string, (callback: SendCallback) => void]>([
    ['second', (callback) => webSocket.send('a', callback)],
    ['third', (callback) => webSocket.send('a', { binary: true }, callback)],
  ])('takes a callback as %s argument', async (_place, send) => {
    const callback = jest.fn<SendCallback>();
    send(callback);
    await turn();
    expect(callback.mock.calls).toEqual([[]]);
  });

  it('calls back with an error once the connection ends', async () => {
    const callback = jest.fn<SendCallback>();
    webSocket.close();
    webSocket.send('late', callback);
    await turn();
    expect(callback.mock.calls[0]![0]).toMatchObject({ message: 'the connection is closing' });
  });

  it('throws for what is no data, and sends nothing', async () => {
    expect(() => webSocket.send({} as never)).toThrow(TypeError);
    expect(await sent()).toEqual([]);
  });

  it('keeps the order of all messages', async () => {
    for (let i = 0; i < 20; i++) webSocket.send(i % 3 ? `${i}` : Buffer.from(`${i}`));
    expect((await sent()).map((line) => line.split(' ')[1])).toEqual(
      Array.from({ length: 20 }, (_, i) => `${i}`),
    );
  });

  it('of a prepared message sends its frame', async () => {
    webSocket.sendPrepared(new PreparedFrames(Buffer.from('all'), false));
    expect(await sent()).toEqual(['text all']);
  });
});

describe('bufferedAmount', () => {
  it('counts what the kernel has not taken, headers included', async () => {
    expect(webSocket.bufferedAmount).toBe(0);
    socket.hold();
    webSocket.send('hello');
    expect(webSocket.bufferedAmount).toBe(7);
    await turn();
    expect(webSocket.bufferedAmount).toBe(7);
    webSocket.send('a');
    expect(webSocket.bufferedAmount).toBe(10);
    await socket.release();
    expect(webSocket.bufferedAmount).toBe(0);
  });

  it('is told to be gone by drain', async () => {
    const amounts: number[] = [];
    webSocket.on('drain', () => amounts.push(webSocket.bufferedAmount));
    socket.hold();
    webSocket.send('a');
    await turn();
    await socket.release();
    expect(amounts).toEqual([0]);
  });
});

describe('messages', () => {
  /** What the listener got for one message. */
  async function received(bytes: Buffer): Promise<[data: unknown, isBinary: boolean]> {
    const listener = jest.fn<(data: unknown, isBinary: boolean) => void>();
    webSocket.on('message', listener);
    await socket.arrive(bytes);
    expect(listener).toHaveBeenCalledTimes(1);
    return listener.mock.calls[0]!;
  }

  it('come as Buffers, text too', async () => {
    expect(await received(clientFrame(TEXT, 'é'))).toEqual([Buffer.from('é'), false]);
  });

  it('that are binary come as Buffers', async () => {
    expect(await received(clientFrame(BINARY, 'b'))).toEqual([Buffer.from('b'), true]);
  });

  it('that are binary come as the binary type says', async () => {
    webSocket.binaryType = 'arraybuffer';
    const [data] = await received(clientFrame(BINARY, 'bytes'));
    expect(Object.prototype.toString.call(data)).toBe('[object ArrayBuffer]');
    expect(Buffer.from(data as ArrayBuffer).toString()).toBe('bytes');
  });

  it('that are binary may come as fragments', async () => {
    webSocket.binaryType = 'fragments';
    expect(await received(clientFrame(BINARY, 'b'))).toEqual([[Buffer.from('b')], true]);
  });

  it.each(['arraybuffer', 'fragments'] as const)(
    'that are text come as Buffers, whatever %s says',
    async (type) => {
      webSocket.binaryType = type;
      expect(await received(clientFrame(TEXT, 't'))).toEqual([Buffer.from('t'), false]);
    },
  );

  it('come as Buffers by default', () => {
    expect(webSocket.binaryType).toBe('nodebuffer');
  });
});

describe('pings and pongs', () => {
  it('are told and answered', async () => {
    const told: string[] = [];
    webSocket.on('ping', (payload) => told.push(`ping ${payload.toString()}`));
    webSocket.on('pong', (payload) => told.push(`pong ${payload.toString()}`));
    await socket.arrive(clientFrame(PING, 'a'), clientFrame(PONG, 'b'));
    expect(told).toEqual(['ping a', 'pong b']);
    expect(await sent()).toEqual(['pong a']);
  });

  it.each<[string, SendData | undefined, string]>([
    ['nothing', undefined, ''],
    ['a string', 'é', ' é'],
    ['a number', 7, ' 7'],
    ['bytes', Buffer.from('b'), ' b'],
  ])('are sent with %s', async (_what, data, content) => {
    webSocket.ping(data);
    webSocket.pong(data);
    expect(await sent()).toEqual([`ping${content}`, `pong${content}`]);
  });

  it('carry at most 125 bytes', async () => {
    webSocket.ping('p'.repeat(125));
    for (const send of [() => webSocket.ping('é'.repeat(63)), () => webSocket.pong(Buffer.alloc(126))]) {
      expect(send).toThrow(new RangeError('control frame payload of 126 bytes exceeds the limit of 125'));
    }
    expect(await sent()).toEqual([`ping ${'p'.repeat(125)}`]);
  });

  it('are not sent once the connection is closing', async () => {
    webSocket.close(1000);
    webSocket.ping();
    webSocket.pong();
    expect(await sent()).toEqual(['close 1000']);
  });
});

describe('the state', () => {
  it('has the numbers of the WHATWG interface, on the class and on each', () => {
    const numbers = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 };
    for (const holder of [WebSocket, webSocket]) {
      const { CONNECTING, OPEN, CLOSING, CLOSED } = holder;
      expect({ CONNECTING, OPEN, CLOSING, CLOSED }).toEqual(numbers);
    }
  });

  it('goes from open through closing to closed', async () => {
    const states = [webSocket.readyState];
    webSocket.on('close', () => states.push(webSocket.readyState));
    webSocket.close();
    states.push(webSocket.readyState);
    socket.destroy();
    await turn();
    expect(states).toEqual([1, 2, 3]);
  });

  it('has the subprotocol and the extensions', () => {
    expect([webSocket.protocol, webSocket.extensions]).toEqual(['', '']);
    expect(open('chat').protocol).toBe('chat');
  });
});

describe('closing', () => {
  it.each<[string, () => void, string]>([
    ['nothing', () => webSocket.close(), 'close'],
    ['a code', () => webSocket.close(3000), 'close 3000'],
    ['a reason', () => webSocket.close(1000, 'bye'), 'close 1000 bye'],
    ['a reason of bytes', () => webSocket.close(1000, Buffer.from('né')), 'close 1000 né'],
  ])('with %s sends a close frame', async (_what, close, line) => {
    close();
    expect(await sent()).toEqual([line]);
  });

  it('twice sends one', async () => {
    webSocket.close(1000);
    webSocket.close(1001);
    expect(await sent()).toEqual(['close 1000']);
  });

  it.each<[number, string]>([
    [999, ''],
    [1004, ''],
    [1005, ''],
    [1006, ''],
    [1015, ''],
    [2999, ''],
    [5000, ''],
    [NaN, ''],
    [1000, 'r'.repeat(124)],
    [1000, 'é'.repeat(62)],
  ])('throws for %d %.3s, and stays open', async (code, reason) => {
    expect(() => webSocket.close(code, reason)).toThrow(RangeError);
    expect(webSocket.readyState).toBe(WebSocket.OPEN);
    expect(await sent()).toEqual([]);
  });

  it('by the peer is told with code and reason', async () => {
    const listener = jest.fn<(code: number, reason: Buffer) => void>();
    webSocket.on('close', listener);
    await socket.arrive(clientFrame(CLOSE, closePayload(1001, 'né')));
    expect(webSocket.readyState).toBe(WebSocket.CLOSING);
    await socket.arriveEnd();
    await turn();
    expect(listener.mock.calls).toEqual([[1001, Buffer.from('né')]]);
  });

  it('without a code is told as 1005', async () => {
    const listener = jest.fn<(code: number, reason: Buffer) => void>();
    webSocket.on('close', listener);
    await socket.arrive(clientFrame(CLOSE));
    await socket.arriveEnd();
    await turn();
    expect(listener.mock.calls).toEqual([[1005, Buffer.alloc(0)]]);
  });

  it('by force is told as 1006, without a close frame', async () => {
    const listener = jest.fn<(code: number, reason: Buffer) => void>();
    webSocket.on('close', listener);
    webSocket.terminate();
    await turn();
    expect(listener.mock.calls).toEqual([[1006, Buffer.alloc(0)]]);
    expect(socket.writes).toEqual([]);
  });
});

describe('a violation by the peer', () => {
  it('is told as an error', async () => {
    const listener = jest.fn<(error: Error) => void>();
    webSocket.on('error', listener);
    await socket.arrive(frame(TEXT, 'not masked'));
    expect(listener.mock.calls).toEqual([
      [expect.objectContaining({ code: 'WS_ERR_EXPECTED_MASK', closeCode: 1002 })],
    ]);
  });

  it('throws nothing where nobody listens for errors', async () => {
    await socket.arrive(frame(TEXT, 'not masked'));
    expect(await sent()).toEqual(['close 1002 client frame is not masked']);
  });
});

describe('pausing', () => {
  it('keeps messages back until resumed', async () => {
    const listener = jest.fn();
    webSocket.on('message', listener);
    expect(webSocket.isPaused).toBe(false);
    webSocket.pause();
    expect(webSocket.isPaused).toBe(true);
    await socket.arrive(clientFrame(TEXT, 'a'));
    expect(listener).not.toHaveBeenCalled();
    webSocket.resume();
    expect(webSocket.isPaused).toBe(false);
    await turn();
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('does nothing once closed', async () => {
    webSocket.terminate();
    await turn();
    webSocket.pause();
    expect(webSocket.isPaused).toBe(false);
  });
});
