/** Servers on free ports, `ws` clients and plain sockets that talk to them; all gone after `closeAll`. */
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import type { IncomingMessage } from 'node:http';
import WsClient from 'ws';
import {
  type WebSocket,
  WebSocketServer,
  type WebSocketServerOptions,
} from '../../../lib/transport/websocket/index.js';

let closing: (() => void)[] = [];

export function closeAll(): void {
  for (const close of closing) close();
  closing = [];
}

export const portOf = (server: Pick<Server, 'address'>): number => (server.address() as AddressInfo).port;

/** An HTTP server that listens. */
export async function httpServer(server = createServer()): Promise<Server> {
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** A `WebSocketServer` on a port of its own. */
export async function serve(options: Partial<WebSocketServerOptions> = {}): Promise<WebSocketServer> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', ...options });
  closing.push(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  await once(server, 'listening');
  return server;
}

/** A `ws` client that has not yet connected. */
export function client(
  port: number,
  path = '/',
  protocols: string[] = [],
  options: WsClient.ClientOptions = {},
): WsClient {
  const socket = new WsClient(`ws://127.0.0.1:${port}${path}`, protocols, options);
  closing.push(() => {
    socket.terminate();
  });
  socket.on('error', () => {});
  return socket;
}

export interface Pair {
  readonly ours: WebSocket;
  readonly theirs: WsClient;
  readonly request: IncomingMessage;
}

/** An open connection, both ends. */
export async function pair(
  server: WebSocketServer,
  ...options: Tail<Parameters<typeof client>>
): Promise<Pair> {
  const accepted = once(server, 'connection') as Promise<[WebSocket, IncomingMessage]>;
  const theirs = client((server.address() as AddressInfo).port, ...options);
  const [[ours, request]] = await Promise.all([accepted, once(theirs, 'open')]);
  return { ours, theirs, request };
}

type Tail<T extends unknown[]> = T extends [unknown, ...infer Rest] ? Rest : never;

/** How the server answered a handshake that it refused. */
export async function refusal(
  socket: WsClient,
): Promise<{ status: number; body: string; headers: IncomingMessage['headers'] }> {
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  const chunks = (await response.toArray()) as Buffer[];
  return { status: response.statusCode!, body: Buffer.concat(chunks).toString(), headers: response.headers };
}

/** A plain socket, connected; resets and half-closes are told by nobody. */
export async function tcp(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  closing.push(() => socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** All that comes until the other side ends. */
export async function everything(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await Promise.race([once(socket, 'end'), once(socket, 'close')]);
  return Buffer.concat(chunks).toString('latin1');
}

/** The example key of RFC 6455 §1.3, and the answer to it. */
export const EXAMPLE_KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
export const EXAMPLE_ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

/** An opening handshake as text. */
export function handshakeRequest(path = '/', ...lines: string[]): string {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${EXAMPLE_KEY}`,
    'Sec-WebSocket-Version: 13',
    ...lines,
    '\r\n',
  ].join('\r\n');
}
