/** Options of a `WebSocketServer`. */
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { ListenOptions } from 'node:net';
import type { Extension } from '../../protocol/websocket/index.js';
import type { AdmissionOptions } from '../admission/index.js';
import type { PerMessageDeflateOptions } from './deflate/deflate-options.js';
import type { GivenConnectionOptions } from './options.js';
import type { OriginPolicy } from './origin-policy.js';

/** What `verifyClient` is told, as in `ws`. */
export interface VerifyInfo {
  readonly origin: string | undefined;
  readonly secure: boolean;
  readonly req: IncomingMessage;
  /** The client's address, seen through `trustedProxies`; empty for a UNIX socket. */
  readonly remoteAddress: string;
  /** Aborted when the peer leaves or the handshake takes too long. */
  readonly signal: AbortSignal;
}

export interface WebSocketServerOptions
  extends GivenConnectionOptions, AdmissionOptions, Pick<ListenOptions, 'host' | 'backlog'> {
  /** Listens here, on an HTTP server of its own that answers 426 to other requests. 0: a free port. */
  readonly port?: number;
  /** Uses the upgrades of this HTTP or HTTPS server, beside whoever else does. */
  readonly server?: HttpServer;
  /** Listens nowhere: the application calls `handleUpgrade`. */
  readonly noServer?: boolean;
  /** The only path served, compared whole and without the query. Default: every path. */
  readonly path?: string;
  /** Which origins may connect. Default `'same'`. */
  readonly origin?: OriginPolicy;
  /** Subprotocols served. The client's first among them is selected. Default none. */
  readonly protocols?: readonly string[];
  /** Selects a subprotocol from those offered, instead of `protocols`; false selects none. */
  readonly handleProtocols?: (offered: Set<string>, request: IncomingMessage) => string | false;
  /** Compresses messages, RFC 7692. Default false; true is the same as `{}`. */
  readonly perMessageDeflate?: boolean | PerMessageDeflateOptions;
  /** Further extensions to accept where clients offer them. */
  readonly extensions?: readonly Extension[];
  /**
   * Decides about a handshake: false is 401, a `HandshakeError` thrown is its status, anything else
   * thrown is 500. May be asynchronous.
   */
  readonly verifyClient?: (info: VerifyInfo) => boolean | Promise<boolean>;
  /** How long a handshake may take, from its head to the 101; beyond: 503. Default 10,000 ms. */
  readonly handshakeTimeoutMs?: number;
  /** Keeps the set `clients`. Default true. */
  readonly clientTracking?: boolean;
}
