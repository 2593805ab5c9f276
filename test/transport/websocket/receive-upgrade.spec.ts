import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { HandshakeError, type OpeningHandshake } from '../../../lib/protocol/websocket/index.js';
import { Admission } from '../../../lib/transport/admission/index.js';
import { type UpgradeRules, receiveUpgrade } from '../../../lib/transport/websocket/receive-upgrade.js';
import { watchResponses } from '../../../lib/transport/websocket/pending-responses.js';
import { EXAMPLE_KEY, closeAll, handshakeRequest, httpServer } from './clients.js';
import { FakeSocket } from './fake-socket.js';

let socket: FakeSocket;
let admission: Admission;
let judge: jest.Mock<(handshake: OpeningHandshake) => string>;
let refused: jest.Mock<UpgradeRules<string>['refused']>;

beforeEach(() => {
  socket = new FakeSocket();
  admission = new Admission();
  judge = jest.fn(() => 'judged');
  refused = jest.fn();
});

afterEach(() => {
  socket.destroy();
  closeAll();
});

/** The request of a handshake, right but for further header lines. */
function requestWith(...lines: string[]): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  Object.assign(request, { method: 'GET', url: '/a', httpVersionMajor: 1, httpVersionMinor: 1 });
  const headers = handshakeRequest('/a', ...lines)
    .split('\r\n')
    .slice(1, -2);
  request.rawHeaders = headers.filter(Boolean).flatMap((line) => line.split(': '));
  request.headers.host = '127.0.0.1';
  return request;
}

const receive = (request: IncomingMessage): string | undefined =>
  receiveUpgrade(request, socket, { origin: 'same', admission, judge, refused });

describe('receiving an upgrade', () => {
  it('gives the handshake to the judge, and back what that says', () => {
    expect(receive(requestWith())).toBe('judged');
    expect(judge.mock.calls).toEqual([[expect.objectContaining({ key: EXAMPLE_KEY, path: '/a' })]]);
    expect(socket.writes).toEqual([]);
    expect(refused).not.toHaveBeenCalled();
  });

  it.each([
    ['a bad handshake', 'Sec-WebSocket-Key: again', 400],
    ['another origin', 'Origin: https://evil.com', 403],
  ])('refuses %s and asks nobody', (_what, line, status) => {
    expect(receive(requestWith(line))).toBeUndefined();
    expect(judge).not.toHaveBeenCalled();
    expect(socket.output.toString()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(refused.mock.calls).toEqual([
      [expect.objectContaining({ status }), expect.objectContaining({ status })],
    ]);
  });

  it('refuses as the judge says', () => {
    judge.mockImplementation(() => {
      throw new HandshakeError(404, 'not here');
    });
    expect(receive(requestWith())).toBeUndefined();
    expect(socket.output.toString()).toMatch(/^HTTP\/1\.1 404 [^]*not here$/);
  });

  it('tells the peer nothing of another error, and the caller all', () => {
    const error = new Error('secret');
    judge.mockImplementation(() => {
      throw error;
    });
    receive(requestWith());
    expect(socket.output.toString()).toMatch(/^HTTP\/1\.1 500 [^]*the handshake failed$/);
    expect(refused.mock.calls[0]).toEqual([expect.objectContaining({ status: 500 }), error]);
  });

  it('cuts off what stands behind an unanswered request', async () => {
    const server = await httpServer();
    watchResponses(server);
    const earlier = new IncomingMessage(socket.asSocket);
    server.emit('request', earlier, new ServerResponse(earlier));
    expect(receive(requestWith())).toBeUndefined();
    expect(socket.destroyed).toBe(true);
    expect(judge).not.toHaveBeenCalled();
  });

  it('does nothing with a socket whose peer has left', async () => {
    socket.destroy();
    await new Promise((closed) => socket.once('close', closed));
    expect(receive(requestWith())).toBeUndefined();
    expect(judge).not.toHaveBeenCalled();
    expect(refused).not.toHaveBeenCalled();
  });

  it('survives a peer that resets meanwhile', async () => {
    receive(requestWith());
    socket.destroy(new Error('ECONNRESET'));
    await new Promise((closed) => socket.once('close', closed));
    expect(socket.errored).toMatchObject({ message: 'ECONNRESET' });
  });
});
