import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hasPendingResponse, watchResponses } from '../../../lib/transport/websocket/pending-responses.js';
import { closeAll, handshakeRequest, httpServer, portOf, tcp } from './clients.js';

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

let server: Server;
let peer: Socket;

beforeEach(async () => {
  server = await httpServer();
  watchResponses(server);
  server.on('upgrade', (_request, socket) => socket.on('error', () => {}));
  peer = await tcp(portOf(server));
});

afterEach(closeAll);

const upgraded = async (): Promise<Duplex> => {
  const [, socket] = (await once(server, 'upgrade')) as [unknown, Duplex];
  return socket;
};

const nextResponse = async (): Promise<ServerResponse> => {
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
  return response;
};

describe('a response', () => {
  it('is not pending on a socket that asked for nothing', async () => {
    peer.write(handshakeRequest());
    expect(hasPendingResponse(await upgraded())).toBe(false);
  });

  it('is pending while a request before the upgrade is not answered', async () => {
    const answering = nextResponse();
    peer.write(`${GET}${handshakeRequest()}`);
    const socket = await upgraded();
    expect(hasPendingResponse(socket)).toBe(true);
    (await answering).end('late');
    await turn();
    expect(hasPendingResponse(socket)).toBe(false);
  });

  it('is pending while it is half written', async () => {
    server.on('request', (_request, response) => response.write('half'));
    peer.write(`${GET}${handshakeRequest()}`);
    expect(hasPendingResponse(await upgraded())).toBe(true);
  });

  it('is not pending once the connection’s last request was answered', async () => {
    server.on('request', (_request, response) => response.end('done'));
    peer.write(GET);
    await once(peer, 'data');
    peer.write(handshakeRequest());
    expect(hasPendingResponse(await upgraded())).toBe(false);
  });

  it('is pending as long as the last of several is', async () => {
    const responses: ServerResponse[] = [];
    server.on('request', (_request, response) => void responses.push(response));
    peer.write(`${GET}${GET}${handshakeRequest()}`);
    const socket = await upgraded();
    responses[0]!.end('first');
    await turn();
    expect(hasPendingResponse(socket)).toBe(true);
    responses[1]!.end('second');
    await once(responses[1]!, 'finish');
    expect(hasPendingResponse(socket)).toBe(false);
  });

  it('is pending when it was ended, but waits for the one before it', async () => {
    const responses: ServerResponse[] = [];
    server.on('request', (_request, response) => void responses.push(response));
    peer.write(`${GET}${GET}${handshakeRequest()}`);
    const socket = await upgraded();
    responses[1]!.end('second');
    expect(hasPendingResponse(socket)).toBe(true);
    responses[0]!.end('first');
    await once(responses[1]!, 'finish');
    expect(hasPendingResponse(socket)).toBe(false);
  });

  it('of another socket says nothing about this one', async () => {
    peer.write(GET);
    await once(server, 'request');
    const other = await tcp(portOf(server));
    other.write(handshakeRequest());
    expect(hasPendingResponse(await upgraded())).toBe(false);
  });
});

describe('watching a server', () => {
  it('twice adds one listener, in front of the application’s', async () => {
    const watched = await httpServer();
    const application = (): void => {};
    watched.on('request', application);
    watchResponses(watched);
    watchResponses(watched);
    expect(watched.listenerCount('request')).toBe(2);
    expect(watched.listeners('request')[1]).toBe(application);
  });
});
