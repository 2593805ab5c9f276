import type { AnyProtocol } from '../protocol/index.js';
import { type BackOffOptions, DEFAULT_BACK_OFF } from './back-off.js';
import type { ClientCodec } from './codec/client-codec.js';
import { json } from './codec/json.js';
import { InvalidClientOptionError } from './errors.js';
import type { PollOptions } from './transport/polling.js';
import type { TransportKind } from './transport/transport.js';
import type { WebSocketClass } from './transport/web-socket.js';

export interface ConnectOptions<P extends AnyProtocol = AnyProtocol> {
  /** Gives requests, streams and pushes their types, and its name to the server. */
  readonly protocol?: P;
  /** How messages travel: JSON, which is the default, or `msgpack(…)`. It goes with a protocol. */
  readonly codec?: ClientCodec;
  /**
   * Whether the session survives a lost connection, with what was under way. Default true. Without, every
   * connection is a session of its own.
   */
  readonly resumable?: boolean;
  /** A bearer token, asked for anew at each attempt to connect. */
  readonly token?: () => string | Promise<string>;
  /**
   * A one-time ticket (`Tickets` of the server), asked for anew for each request that guards decide about, and
   * sent as `?ticket=`: one for each attempt to connect, two where a session is made over HTTP.
   */
  readonly ticket?: () => string | Promise<string>;
  /** How long a request waits for its answer, connecting included. Default 30,000 ms. */
  readonly requestTimeoutMs?: number;
  /** How long an attempt to connect may take. Default 15,000 ms. */
  readonly connectTimeoutMs?: number;
  /** Messages that wait for a connection, or for the server to have got them. Default 1,000. */
  readonly maxQueued?: number;
  readonly backOff?: BackOffOptions;
  /**
   * Gives the W3C `traceparent` of the span that a message is sent in, asked for each message; undefined: none.
   * `traceparent` of `nestwire/opentelemetry` makes one.
   */
  readonly trace?: () => string | undefined;
  /**
   * What may carry the messages, the best first. Default `websocket`, `event-stream`, `long-polling`; a
   * session that is not resumable has `websocket` only.
   */
  readonly transports?: readonly TransportKind[];
  /** When WebSocket, or whatever is the best, is tried again while another transport is used. Default 60,000 ms. */
  readonly retryBestMs?: number;
  /** For `short-polling`. */
  readonly polling?: PollOptions;
  /** What requests are made with. Default the one of the platform. */
  readonly fetch?: typeof fetch;
  /** The class that connections are made with. Default the one of the platform. */
  readonly WebSocket?: WebSocketClass;
}

export interface ClientSettings {
  readonly subprotocols: readonly string[];
  readonly codec: ClientCodec;
  readonly isResumable: boolean;
  readonly token: (() => string | Promise<string>) | undefined;
  readonly ticket: (() => string | Promise<string>) | undefined;
  readonly requestTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly maxQueued: number;
  readonly trace: (() => string | undefined) | undefined;
  readonly retryBestMs: number;
  readonly backOff: Required<BackOffOptions>;
}

/** @throws InvalidClientOptionError */
export function resolveOptions({
  protocol,
  codec = json,
  resumable = true,
  token,
  ticket,
  requestTimeoutMs = 30_000,
  connectTimeoutMs = 15_000,
  maxQueued = 1_000,
  retryBestMs = 60_000,
  backOff: givenBackOff,
  trace,
}: ConnectOptions): ClientSettings {
  const backOff = { ...DEFAULT_BACK_OFF, ...givenBackOff };
  const numbers = { requestTimeoutMs, connectTimeoutMs, maxQueued, retryBestMs };
  for (const [name, value] of Object.entries({ ...numbers, ...backOff })) checkPositive(name, value);
  return {
    ...numbers,
    backOff,
    subprotocols: tokensFor(protocol, codec),
    codec,
    isResumable: resumable,
    token,
    ticket,
    trace,
  };
}

/** The server chooses the codec by the token of the protocol. */
function tokensFor(protocol: AnyProtocol | undefined, { name }: ClientCodec): string[] {
  if (name === undefined) return protocol ? [protocol.name] : [];
  if (protocol) return [`${protocol.name}+${name}`];
  throw new InvalidClientOptionError(`the codec ${name} needs a protocol, whose token names it`);
}

function checkPositive(name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new InvalidClientOptionError(`${name} must be a positive number, not ${String(value)}`);
}
