import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MAX_DISCARDED_BYTES, MAX_DISCARDING_MS, answerAndClose } from '../../lib/transport/unread-body.js';
import { EarlyAnswer, closed } from '../support/early-answer.js';

const MIB = 1024 * 1024;
const REFUSAL = { status: 413, headers: { 'Content-Type': 'text/plain' }, body: 'too much' };

describe('an answer that comes before the body', () => {
  let server: Server;
  let address: string;
  let client: Socket | undefined;
  /** The server's end of the client's connection. */
  let end: Socket;

  beforeEach(async () => {
    server = createServer((request: IncomingMessage, response: ServerResponse) => {
      end = request.socket;
      answerAndClose(request, response, REFUSAL);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    // the server's own timers are not these
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'] });
  });

  afterEach(() => {
    jest.useRealTimers();
    client?.destroy();
    server.close();
    server.closeAllConnections();
  });

  async function post(length: number): Promise<EarlyAnswer> {
    const head = `POST / HTTP/1.1\r\nHost: ${address}\r\nContent-Length: ${length}\r\n\r\n`;
    const answer = await EarlyAnswer.ask(address, head, 'x');
    client = answer.socket;
    return answer;
  }

  it('is whole, and the connection ends without a reset when the body was sent', async () => {
    const answer = await post(4 * MIB);
    expect([answer.status, answer.body]).toEqual([413, 'too much']);
    expect(answer.head).toMatch(/^connection: close$/im);

    await answer.goOn(Buffer.alloc(4 * MIB - 1));
    expect(answer.error).toBeUndefined();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('ends the connection at once when there is no body', async () => {
    const answer = await EarlyAnswer.ask(address, `GET / HTTP/1.1\r\nHost: ${address}\r\n\r\n`);
    await closed(answer.socket);
    expect([answer.status, answer.error]).toEqual([413, undefined]);
  });

  it('reads no more of a body than its limit', async () => {
    const answer = await post(MAX_DISCARDED_BYTES * 4);
    await answer.goOn(Buffer.alloc(MAX_DISCARDED_BYTES * 2));
    expect(end.bytesRead).toBeGreaterThan(MAX_DISCARDED_BYTES);
    expect(end.bytesRead).toBeLessThan(MAX_DISCARDED_BYTES + 4 * MIB);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('waits no longer for a body than its limit', async () => {
    const { socket } = await post(10);
    jest.advanceTimersByTime(MAX_DISCARDING_MS - 1);
    expect(end.destroyed).toBe(false);

    jest.advanceTimersByTime(1);
    await closed(socket);
  });

  it('waits for nobody who has left', async () => {
    const { socket } = await post(10);
    socket.destroy();
    await closed(end);
    expect(jest.getTimerCount()).toBe(0);
  });
});
