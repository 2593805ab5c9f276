import type { Server as HttpServer } from 'node:http';
import type { Broker } from '../channel/index.js';
import type { Codec } from '../protocol/index.js';
import type { Limits } from '../session/index.js';
import type { TicketOptions } from './auth/tickets.js';
import type { HeartbeatTimes, OriginPolicy, PerMessageDeflateOptions } from '../transport/websocket/index.js';
import type { MessageContext } from './pipeline/message-context.js';
import type { EventStreamSettings } from './sse/sse-options.js';

/** Options of `NestwireModule.forRoot`. */
export interface NestwireOptions {
  /** What carries publications between the processes of an application. Default: the memory of this one. */
  readonly broker?: Broker;
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<Limits>;
  /**
   * Which origins may connect: `same` (default), `any`, a list of origins and RegExps, or a function.
   * A gateway may set its own.
   */
  readonly origin?: OriginPolicy;
  /**
   * Proxies in front of the application: addresses, networks such as `10.0.0.0/8`, and `unix` for UNIX
   * sockets. Only what these say in `X-Forwarded-For` (the address of clients) and `X-Forwarded-Host` (for
   * the check of the origin) counts. Default none.
   */
  readonly trustedProxies?: readonly string[];
  /** Pings, and the end of clients that fall silent; false for none. Default 25,000 and 20,000 ms. */
  readonly heartbeat?: Partial<HeartbeatTimes> | false;
  /**
   * Called around each message of a session, to run it within `AsyncLocalStorage.run` and the like: guards,
   * pipes, interceptors, the handler, the stream that it returns, and filters. Default: nothing around.
   */
  readonly context?: MessageContext;
  /**
   * Further HTTP or HTTPS servers on which the gateways are reached, beside the application's own. The
   * application makes them, listens and closes them; clients go through the same middleware and guards.
   */
  readonly servers?: readonly HttpServer[];
  /** Compresses messages where clients offer it (`permessage-deflate`). Default false. */
  readonly compression?: boolean | PerMessageDeflateOptions;
  /**
   * Codecs that clients may choose beside JSON, for any protocol: `msgpack(MessagePack)` lets them offer
   * `chat.v1+msgpack`. Default none.
   */
  readonly codecs?: readonly Codec[];
  /**
   * Validates answers, items and pushes by the schemas of the session's protocol before they are sent. What
   * is refused is not sent: an answer becomes an exception with status 500, `push` throws. Default false.
   */
  readonly validateOutbound?: boolean;
  /** How long tickets may be redeemed, and how many may be open. */
  readonly tickets?: TicketOptions;
  /** What holds for all `@SseEndpoint`s. */
  readonly eventStreams?: Partial<EventStreamSettings>;
}
