import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { SseEndpoint } from 'nestwire';
import { Observable, Subject } from 'rxjs';
import { EventStreamParser, type ReceivedEvent } from '../../lib/protocol/event-stream/index.js';
import { EventStream } from '../support/event-stream.js';
import { bytesHeld } from '../support/memory.js';
import { connectRaw } from '../support/raw-http.js';
import { type TestApp, startApp } from '../support/test-app.js';

const KiB = 1024;
const MiB = 1024 * KiB;

let source: Subject<string>;
let readers = 0;

function watched(): Observable<string> {
  return new Observable((subscriber) => {
    readers++;
    const subscription = source.subscribe(subscriber);
    return () => {
      subscription.unsubscribe();
      readers--;
    };
  });
}

@Controller()
class FloodController {
  @SseEndpoint('buffer')
  buffer(): Observable<string> {
    return watched();
  }

  @SseEndpoint('latest', { overflow: 'latest' })
  latest(): Observable<string> {
    return watched();
  }

  @SseEndpoint('drop-oldest', { overflow: 'drop-oldest' })
  dropOldest(): Observable<string> {
    return watched();
  }

  @SseEndpoint('error', { overflow: 'error' })
  error(): Observable<string> {
    return watched();
  }
}

describe('an event stream whose client reads nothing', () => {
  let test: TestApp;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    source = new Subject();
    readers = 0;
    test = await startApp({
      module: { controllers: [FloodController] },
      nestwire: { limits: { outboundBytes: 512 * KiB, closeWaitMs: 3_000 }, eventStreams: { maxStreams: 8 } },
    });
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await test.close();
  });

  /** A client that has sent its request, and reads nothing until it is told to. */
  async function stalled(path: string): Promise<Socket> {
    const socket = await connectRaw(test.address);
    sockets.push(socket);
    socket.pause();
    socket.write(`GET /${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const before = readers;
    while (readers === before) await turn();
    return socket;
  }

  /** Far more than the kernel takes, an item a turn. */
  async function flood(items = 400): Promise<void> {
    const filler = 'x'.repeat(64 * KiB);
    for (let i = 0; i < items; i++) {
      source.next(`${i} ${filler}`);
      await turn();
    }
  }

  /** The numbers of the items that arrive until the last one, or the end. */
  async function numbersFrom(socket: Socket, last: string): Promise<ReceivedEvent[]> {
    const events: ReceivedEvent[] = [];
    const parser = new EventStreamParser({
      onEvent: ({ data, ...event }) => events.push({ ...event, data: data.split(' x')[0]! }),
    });
    for await (const chunk of socket) {
      // lines of a chunk's length among fields are unknown fields, and skipped
      parser.push(chunk as Buffer);
      if (events.at(-1)?.data.startsWith(last)) break;
    }
    return events;
  }

  it('B2: is cut off at the limit, and holds no memory from then on', async () => {
    const socket = await stalled('buffer');
    const before = await bytesHeld();
    await flood();

    expect(readers).toBe(0);
    expect((await bytesHeld()) - before).toBeLessThan(2 * MiB);
    socket.resume();
    await once(socket, 'close');
  });

  it('does not keep others from theirs', async () => {
    await stalled('buffer');
    const other = await EventStream.open(`http://${test.address}/buffer`);
    const received = other.take(100);
    for (let i = 0; i < 100; i++) {
      source.next('x'.repeat(64 * KiB));
      await turn();
    }

    expect(await received).toHaveLength(100);
    other.close();
  });

  it('gets the newest item when it reads again, if the endpoint says so', async () => {
    const socket = await stalled('latest');
    const before = await bytesHeld();
    await flood();
    expect((await bytesHeld()) - before).toBeLessThan(2 * MiB);

    const events = await numbersFrom(socket, '399');
    expect(events.length).toBeLessThan(300);
    expect(events.at(-1)).toMatchObject({ data: '399' });
  });

  it('gets the newest within the limit when the oldest are dropped', async () => {
    const socket = await stalled('drop-oldest');
    await flood();

    const numbers = (await numbersFrom(socket, '399')).map(({ data }) => Number(data));
    expect(numbers.slice(-7)).toEqual([393, 394, 395, 396, 397, 398, 399]);
    expect(numbers.length).toBeLessThan(300);
  });

  it('is told that it is too slow, if the endpoint says so', async () => {
    const socket = await stalled('error');
    await flood();
    expect(readers).toBe(0);

    const error = (await numbersFrom(socket, '{')).at(-1)!;
    expect(error.event).toBe('error');
    expect(JSON.parse(error.data)).toMatchObject({ statusCode: 429, code: 'TOO_SLOW' });
  });

  it('is over when its client resets the connection', async () => {
    const socket = await stalled('buffer');
    await flood(100);
    socket.resetAndDestroy();

    while (readers > 0) await turn();
  });

  it('does not keep the application from closing', async () => {
    await stalled('latest');
    await flood();
    await test.close();

    expect(readers).toBe(0);
  });

  it('takes one of a bounded number of places, which it gives back', async () => {
    const clients = [];
    for (let i = 0; i < 8; i++) clients.push(await stalled('buffer'));
    const refused = await fetch(`http://${test.address}/buffer`);
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ message: '8 event streams are open, which is the limit' });

    clients[0]!.destroy();
    while (readers === 8) await turn();
    await stalled('buffer');
  });
});

describe('event streams of one address', () => {
  it('are bounded, where that is set', async () => {
    source = new Subject();
    const test = await startApp({
      module: { controllers: [FloodController] },
      nestwire: { eventStreams: { maxStreamsPerAddress: 1 } },
    });
    const first = await EventStream.open(`http://${test.address}/buffer`);
    const second = await fetch(`http://${test.address}/buffer`);

    expect(second.status).toBe(429);
    first.close();
    test.server.closeAllConnections();
    await test.close();
  });
});
