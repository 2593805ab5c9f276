import { PassThrough, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EventStreamWriter, type HttpRequest } from '../../../lib/transport/event-stream/index.js';

/** Takes what is written as long as it is told to. */
class FakeResponse extends Writable {
  readonly headersSent = false;
  statusCode = 200;
  readonly written: string[] = [];
  head: unknown[] = [];
  isReading = true;
  private held: (() => void) | undefined;

  constructor() {
    super({ decodeStrings: false, emitClose: true });
  }

  override _write(chunk: string | Buffer, _: string, done: () => void): void {
    this.written.push(chunk.toString());
    if (this.isReading) done();
    else this.held = done;
  }

  read(): void {
    this.isReading = true;
    this.held?.();
  }

  setHeader(): void {}

  getHeader(): undefined {
    return undefined;
  }

  writeHead(...head: unknown[]): void {
    this.head = head;
  }
}

describe('an event stream', () => {
  let response: FakeResponse;
  let request: HttpRequest;
  const owner = { drained: jest.fn(), closed: jest.fn() };

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    response = new FakeResponse();
    const headers = { 'accept-encoding': 'gzip' };
    request = Object.assign(new PassThrough(), { headers, socket: new PassThrough() });
    owner.drained.mockReset();
    owner.closed.mockReset();
  });

  afterEach(async () => {
    response.destroy();
    await tick();
    jest.useRealTimers();
  });

  function create(compression = false): EventStreamWriter {
    const options = { heartbeatMs: 15_000, compression };
    return new EventStreamWriter(request, response, owner, options);
  }

  function opened(): EventStreamWriter {
    const writer = create();
    writer.open(200, {}, 'retry: 1\n\n');
    return writer;
  }

  const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('writes everything of one tick at once', async () => {
    const writer = opened();
    writer.write('data: 1\n\n');
    writer.write('data: 2\n\n');
    await tick();
    writer.write('data: 3\n\n');
    await tick();

    expect(response.written).toEqual(['retry: 1\n\ndata: 1\n\ndata: 2\n\n', 'data: 3\n\n']);
  });

  it('adds its headers to those that were set', () => {
    create().open(201, { 'x-own': 'yes', 'content-type': 'text/html' }, '');

    expect(response.head).toEqual([
      201,
      {
        'x-own': 'yes',
        'content-type': 'text/event-stream',
        'cache-control': 'no-store, no-transform',
        'x-accel-buffering': 'no',
      },
    ]);
  });

  it('counts what is queued until it was taken, and tells when that is', async () => {
    response.isReading = false;
    const writer = opened();
    writer.write('x'.repeat(100_000));
    expect(writer.queuedBytes).toBe(100_010);
    await tick();
    expect(writer.queuedBytes).toBe(100_010);

    response.read();
    await tick();
    expect(writer.queuedBytes).toBe(0);
    expect(owner.drained).toHaveBeenCalledTimes(1);
  });

  it('sends a comment once an interval', async () => {
    opened();
    await tick();
    for (let i = 1; i <= 3; i++) {
      jest.advanceTimersByTime(15_000);
      await tick();
      expect(response.written).toHaveLength(1 + i);
    }
    expect(response.written.slice(1)).toEqual([':\n\n', ':\n\n', ':\n\n']);
  });

  it('beats by one timer for all streams, and by none without them', () => {
    const [first, second] = [opened(), opened()];
    expect(jest.getTimerCount()).toBe(1);

    first.destroy();
    second.destroy();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('drops a client that has taken nothing for four intervals', async () => {
    response.isReading = false;
    const writer = opened();
    writer.write('x'.repeat(100_000));
    await tick();
    jest.advanceTimersByTime(60_000);
    expect(owner.closed).not.toHaveBeenCalled();

    jest.advanceTimersByTime(30_000);
    expect(owner.closed).toHaveBeenCalledTimes(1);
    expect(response.destroyed).toBe(true);
  });

  it('drops it too when all that is left is the end', async () => {
    response.isReading = false;
    const writer = opened();
    writer.write('x'.repeat(100_000));
    writer.end();
    jest.advanceTimersByTime(90_000);
    await tick();

    expect(owner.closed).toHaveBeenCalledTimes(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('sends what is queued before it ends, and nothing behind', async () => {
    const writer = opened();
    writer.write('data: 1\n\n');
    writer.end();
    writer.write('data: 2\n\n');
    await tick();

    expect(response.written.join('')).toBe('retry: 1\n\ndata: 1\n\n');
    expect(owner.closed).toHaveBeenCalledTimes(1);
  });

  it('is over when the client has gone, by whatever event that is told', () => {
    const writer = opened();
    request.emit('aborted');
    response.emit('close');
    writer.write('data: 1\n\n');

    expect(owner.closed).toHaveBeenCalledTimes(1);
    expect(writer.queuedBytes).toBe(0);
  });

  it('frees an HTTP/2 stream that was reset', () => {
    const stream = { destroy: jest.fn() };
    Object.assign(response, { stream });
    opened();
    request.emit('aborted');

    expect(stream.destroy).toHaveBeenCalledTimes(1);
  });

  it('compresses for clients that accept it', () => {
    const writer = create(true);
    writer.open(200, {}, '');
    expect(response.head[1]).toMatchObject({ 'content-encoding': 'gzip' });

    request.headers['accept-encoding'] = 'gzip;q=0, br';
    create(true).open(200, {}, '');
    expect(response.head[1]).not.toHaveProperty('content-encoding');
  });
});
