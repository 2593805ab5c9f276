import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import type { OpeningHandshake } from '../../../lib/protocol/websocket/index.js';
import { PreparedMessage, type SessionTransport, type TransportEvents } from '../../../lib/session/index.js';
import { acceptSession } from '../../../lib/transport/websocket/session-transport.js';
import { type ConnectionOptions, connectionOptions } from '../../../lib/transport/websocket/options.js';
import type { AcceptOptions } from '../../../lib/transport/websocket/upgrade.js';
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
import { EXAMPLE_ACCEPT, EXAMPLE_KEY } from './clients.js';
import { FakeSocket } from './fake-socket.js';
import { linesIn } from './received-frames.js';

const HANDSHAKE: OpeningHandshake = {
  key: EXAMPLE_KEY,
  path: '/',
  target: '/',
  host: 'localhost',
  origin: undefined,
  subprotocols: [],
  extensions: undefined,
};

class Events implements TransportEvents {
  readonly log: unknown[] = [];
  message(data: string | Uint8Array): void {
    this.log.push(['message', data]);
  }
  drained(): void {
    this.log.push(['drained']);
  }
  closed(code: number, reason: string, clean: boolean): void {
    this.log.push(['closed', code, reason, clean]);
  }
}

const limitsOf = (options: AcceptOptions): ConnectionOptions =>
  connectionOptions({ heartbeat: false, ...options });

let socket: FakeSocket;
let events: Events;
let transport: SessionTransport;

/** Accepts, and forgets the 101 that was written. */
async function accept(options: AcceptOptions = {}, head: Buffer = Buffer.alloc(0)): Promise<void> {
  socket = new FakeSocket();
  events = new Events();
  transport = acceptSession(socket, head, HANDSHAKE, options, limitsOf(options), events);
  expect(socket.output.toString()).toContain(`Sec-WebSocket-Accept: ${EXAMPLE_ACCEPT}\r\n`);
  socket.writes.length = 0;
  await turn();
}

beforeEach(() => accept());

afterEach(async () => {
  socket.destroy();
  await turn();
});

const send = (data: string | Uint8Array): void => transport.send(new PreparedMessage(data));

describe('a session over a WebSocket', () => {
  it('says what carries it', () => {
    expect(transport.kind).toBe('websocket');
  });

  it('gets text as strings and binary as bytes', async () => {
    await socket.arrive(clientFrame(TEXT, 'é'), clientFrame(BINARY, Buffer.of(1, 2)));
    expect(events.log).toEqual([
      ['message', 'é'],
      ['message', Buffer.of(1, 2)],
    ]);
  });

  it('gets what came with the handshake in a later tick, once', async () => {
    const accepting = accept({}, clientFrame(TEXT, 'early'));
    expect(events.log).toEqual([]);
    await accepting;
    expect(events.log).toEqual([['message', 'early']]);
  });

  it('hears nothing of control frames, which are answered', async () => {
    await socket.arrive(clientFrame(PING, 'p'), clientFrame(PONG, 'q'));
    expect(events.log).toEqual([]);
    expect(linesIn(socket.output)).toEqual(['pong p']);
  });

  it('sends strings as text and bytes as binary, of a view no more than the view', async () => {
    send('text');
    send(Buffer.from('buffer'));
    send(Uint8Array.from(Buffer.from('xviewx')).subarray(1, 5));
    await turn();
    expect(linesIn(socket.output)).toEqual(['text text', 'binary buffer', 'binary view']);
  });

  it('sends strings and bytes that nobody else gets as they are', async () => {
    transport.send('é');
    transport.send(Buffer.from('buffer'));
    transport.send(Uint8Array.from(Buffer.from('xviewx')).subarray(1, 5));
    await turn();
    expect(linesIn(socket.output)).toEqual(['text é', 'binary buffer', 'binary view']);
  });

  it('is told when a slow peer has taken everything', async () => {
    socket.hold();
    transport.send('a');
    await turn();
    expect(events.log).toEqual([]);
    await socket.release();
    expect(events.log).toEqual([['drained']]);
  });

  it('frames a message once, whoever else gets it', async () => {
    const message = new PreparedMessage('all');
    transport.send(message);
    const { wire } = message;
    expect(wire).toBeDefined();
    const first = socket;
    await turn();
    await accept();
    transport.send(message);
    await turn();
    expect(message.wire).toBe(wire);
    expect(socket.output).toEqual(first.output);
    first.destroy();
  });

  it('counts what the kernel has not taken', async () => {
    socket.hold();
    send('12345');
    expect(transport.queuedBytes).toBe(7);
    await turn();
    await socket.release();
    expect(transport.queuedBytes).toBe(0);
  });

  it('stops reading while paused', async () => {
    transport.pause();
    await socket.arrive(clientFrame(TEXT, 'a'));
    expect(events.log).toEqual([]);
    transport.resume();
    await turn();
    expect(events.log).toHaveLength(1);
  });
});

describe('its end', () => {
  it('is told with the peer’s code and reason', async () => {
    await socket.arrive(clientFrame(CLOSE, closePayload(4001, 'bye')));
    await socket.arriveEnd();
    await turn();
    expect(events.log).toEqual([['closed', 4001, 'bye', true]]);
  });

  it('is begun by us with a close frame', async () => {
    transport.close(1012, 'retry=100');
    await turn();
    expect(linesIn(socket.output)).toEqual(['close 1012 retry=100']);
  });

  it('is abnormal when we terminate', async () => {
    transport.terminate();
    await turn();
    expect(events.log).toEqual([['closed', 1006, '', false]]);
  });

  it('after a violation says what it was, rather than 1006', async () => {
    await socket.arrive(frame(TEXT, 'a'));
    await socket.arriveEnd();
    await turn();
    expect(events.log).toEqual([['closed', 1002, 'client frame is not masked', false]]);
  });

  it('lets nothing throw afterwards', async () => {
    transport.terminate();
    await turn();
    send('late');
    transport.send('late');
    transport.send(Buffer.from('late'));
    transport.close(1000, '');
    transport.pause();
    transport.resume();
    transport.terminate();
    await turn();
    expect(events.log).toHaveLength(1);
    expect(socket.writes).toEqual([]);
  });

  it('comes when a slow peer lets too much wait', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
    await accept({ maxOutboundBytes: 10 });
    socket.hold();
    for (let i = 0; i < 3; i++) {
      send('more than ten bytes');
      await turn();
    }
    await jest.advanceTimersByTimeAsync(1000);
    jest.useRealTimers();
    await turn();
    expect(events.log).toEqual([['closed', 1008, '21 unsent bytes exceed the limit of 10', false]]);
  });
});

describe('accepting', () => {
  it('answers with the subprotocol and further headers', () => {
    const answered = new FakeSocket();
    const options = { subprotocol: 'chat.v1', headers: { 'X-A': 'b' }, heartbeat: false } as const;
    acceptSession(answered, Buffer.alloc(0), HANDSHAKE, options, limitsOf(options), events);
    expect(answered.output.toString()).toMatch(/X-A: b\r\nSec-WebSocket-Protocol: chat\.v1\r\n\r\n$/);
    answered.destroy();
  });

  it('with a bad header throws, and writes nothing', () => {
    const untouched = new FakeSocket();
    const options = { headers: { 'X-A': 'a\r\nb' } };
    expect(() => acceptSession(untouched, Buffer.alloc(0), HANDSHAKE, options, limitsOf({}), events)).toThrow(
      'Invalid character in header content',
    );
    expect(untouched.writes).toEqual([]);
    expect(untouched.listenerCount('data')).toBe(0);
  });
});
