import { Agent, type OutgoingHttpHeaders, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AnyProtocol } from '../protocol/index.js';
import { UnexpectedResponseError, WebSocket } from '../transport/websocket/index.js';
import { ConnectionRefusedError } from './errors.js';
import { memorySocketPair } from './memory-socket.js';
import { TestClient } from './test-client.js';

export interface TestClientOptions<P extends AnyProtocol = AnyProtocol> {
  /** What it speaks: its name is offered, and the types of the client are its. Default: nothing is offered. */
  readonly protocol?: P;
  /** Further subprotocols to offer, before `protocol`: other versions, or `bearer.<base64url>`. */
  readonly subprotocols?: readonly string[];
  /** Headers of the handshake: `Authorization`, `Cookie`, `Origin`, … */
  readonly headers?: OutgoingHttpHeaders;
  /** How long, in ms of real time, it waits for an answer or a message. Default 5,000. */
  readonly waitMs?: number;
}

/** What `app.createNestApplication()` and `NestFactory.create()` give. */
export interface HttpApplication {
  getHttpServer(): unknown;
  getHttpAdapter(): { getInstance(): unknown };
}

/**
 * Connects to a gateway of an application in the same process, without a port and a network. Everything else
 * is as for any client: handshake, origin, middleware, guards, frames, limits, back-pressure.
 * @param app after `app.init()`; `listen` is not needed. Or an HTTP server with a `WebSocketServer` on it
 * @param path of the gateway, with prefix, parameters and query
 * @throws ConnectionRefusedError (rejects)
 */
export async function connectInProcess<P extends AnyProtocol = AnyProtocol>(
  app: HttpApplication | Server,
  path: string,
  options: TestClientOptions<P> = {},
): Promise<TestClient<P>> {
  const server = 'getHttpServer' in app ? await readyServer(app) : app;
  return open(new URL(path, 'http://localhost'), options, new InProcessAgent(server));
}

/** Fastify's plugins, Nest's middleware among them, are loaded when it is ready. */
async function readyServer(app: HttpApplication): Promise<Server> {
  const instance = app.getHttpAdapter().getInstance() as { ready?: () => PromiseLike<unknown> };
  await instance.ready?.();
  return app.getHttpServer() as Server;
}

class InProcessAgent extends Agent {
  constructor(private readonly server: Server) {
    super();
  }

  override createConnection(): Duplex {
    const [ours, theirs] = memorySocketPair();
    this.server.emit('connection', theirs);
    return ours;
  }
}

/**
 * Connects to a gateway over the network.
 * @param url `ws:` or `wss:`, `http:` or `https:`
 * @throws ConnectionRefusedError for an answer other than 101 (rejects), or what the network says
 */
export function connectOverNetwork<P extends AnyProtocol = AnyProtocol>(
  url: string | URL,
  options: TestClientOptions<P> = {},
): Promise<TestClient<P>> {
  return open(url, options);
}

const DEFAULT_WAIT_MS = 5_000;

function open<P extends AnyProtocol>(
  url: string | URL,
  { protocol, subprotocols = [], headers = {}, waitMs = DEFAULT_WAIT_MS }: TestClientOptions<P>,
  agent?: Agent,
): Promise<TestClient<P>> {
  const offered = protocol ? [...subprotocols, protocol.name] : subprotocols;
  // it is there to test the limits of servers, not to have some
  const limits = { maxPayload: Number.MAX_SAFE_INTEGER, heartbeat: false as const };
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, offered, { headers, ...limits, ...(agent && { agent }) });
    const client = new TestClient<P>(socket, waitMs);
    socket.on('open', () => resolve(client));
    socket.on('error', (error) => reject(refusalOf(error)));
  });
}

function refusalOf(error: Error): Error {
  if (!(error instanceof UnexpectedResponseError)) return error;
  return new ConnectionRefusedError(error.status, error.headers, parsed(error.body));
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}
