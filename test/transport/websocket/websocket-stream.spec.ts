import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { Duplex, DuplexOptions } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { connectionOptions } from '../../../lib/transport/websocket/options.js';
import { WebSocket } from '../../../lib/transport/websocket/web-socket.js';
import { createWebSocketStream } from '../../../lib/transport/websocket/websocket-stream.js';
import { BINARY, CLOSE, TEXT, clientFrame, closePayload, frame } from '../../protocol/websocket/frames.js';
import { FakeSocket } from './fake-socket.js';
import { linesIn } from './received-frames.js';

let socket: FakeSocket;
let webSocket: WebSocket;

beforeEach(() => {
  socket = new FakeSocket();
  webSocket = new WebSocket({
    socket: socket.asSocket,
    role: 'server',
    subprotocol: '',
    options: connectionOptions({ heartbeat: false }),
    extensions: [],
  });
});

afterEach(async () => {
  webSocket.terminate();
  await turn();
});

const streamOf = (options?: DuplexOptions): Duplex => createWebSocketStream(webSocket, options);
const sent = (): string[] => linesIn(socket.output);

describe('reading the stream', () => {
  it('gives the bytes of messages in order', async () => {
    const stream = streamOf();
    await socket.arrive(clientFrame(TEXT, 'a'), clientFrame(BINARY, 'b'));
    // one read takes all there is, or from Node 26 on one message
    const read = [stream.read(), stream.read()] as (Buffer | null)[];
    expect(Buffer.concat(read.filter((part) => part !== null)).toString()).toBe('ab');
  });

  it('keeps messages apart in object mode, text as strings', async () => {
    const stream = streamOf({ readableObjectMode: true });
    await socket.arrive(clientFrame(TEXT, 'a'), clientFrame(BINARY, 'b'));
    expect([stream.read(), stream.read()]).toEqual(['a', Buffer.from('b')]);
  });

  it('pauses the connection when its buffer is full, and resumes it when read', async () => {
    const stream = streamOf({ readableHighWaterMark: 3 });
    await socket.arrive(clientFrame(TEXT, 'four'));
    expect(webSocket.isPaused).toBe(true);
    await socket.arrive(clientFrame(TEXT, 'more'));
    expect((stream.read() as Buffer).toString()).toBe('four');
    await turn();
    expect((stream.read() as Buffer).toString()).toBe('more');
  });

  it('ends when the peer closes', async () => {
    const stream = streamOf();
    stream.resume();
    const ended = once(stream, 'end');
    await socket.arrive(clientFrame(CLOSE, closePayload(1000)));
    await socket.arriveEnd();
    await ended;
  });

  it('fails with the error of the connection', async () => {
    const stream = streamOf();
    const failed = once(stream, 'error');
    await socket.arrive(frame(TEXT, 'not masked'));
    expect(await failed).toMatchObject([{ code: 'WS_ERR_EXPECTED_MASK' }]);
  });
});

describe('writing to the stream', () => {
  it('sends each chunk as a message', async () => {
    const stream = streamOf({ decodeStrings: false });
    stream.write('a');
    stream.write(Buffer.from('b'));
    await turn();
    expect(sent()).toEqual(['text a', 'binary b']);
  });

  it('is done when the kernel has it', async () => {
    const stream = streamOf();
    const done = jest.fn();
    socket.hold();
    stream.write('a', done);
    await turn();
    expect(done).not.toHaveBeenCalled();
    await socket.release();
    await turn();
    expect(done).toHaveBeenCalledTimes(1);
  });

  it('ends with the closing handshake, behind what was written', async () => {
    const stream = streamOf();
    const finished = once(stream, 'finish');
    stream.end('last');
    await turn();
    expect(sent()).toEqual(['binary last', 'close']);
    await socket.arrive(clientFrame(CLOSE));
    await socket.arriveEnd();
    await finished;
  });

  it('ends at once when the connection is closed already', async () => {
    const stream = streamOf();
    webSocket.terminate();
    await once(webSocket, 'close');
    stream.end();
    await once(stream, 'finish');
  });
});

describe('destroying the stream', () => {
  it('drops the connection', async () => {
    const stream = streamOf();
    stream.destroy();
    await once(webSocket, 'close');
    expect(sent()).toEqual([]);
    expect(socket.destroyed).toBe(true);
  });

  it('does nothing to a connection that is closed', async () => {
    const stream = streamOf();
    webSocket.terminate();
    await once(webSocket, 'close');
    const terminate = jest.spyOn(webSocket, 'terminate');
    stream.destroy();
    await turn();
    expect(terminate).not.toHaveBeenCalled();
  });
});
