/** Options of a `WebSocket` made as a client. */
import type { Agent, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { NestwireError } from '../../../errors/index.js';
import type { Extension } from '../../../protocol/websocket/index.js';
import type { PerMessageDeflateOptions } from '../deflate/deflate-options.js';
import type { GivenConnectionOptions } from '../options.js';

export interface ClientOptions extends GivenConnectionOptions {
  /** Further headers of the handshake. Those of the handshake itself can't be replaced. */
  readonly headers?: OutgoingHttpHeaders;
  /** `Origin` of the handshake. Default none. */
  readonly origin?: string;
  /** As in `http.request`; its sockets are not given back. */
  readonly agent?: Agent;
  /** TLS of `wss:` addresses: certificates, `rejectUnauthorized`, `servername` and so on. */
  readonly tls?: TlsOptions;
  /** How long the whole opening handshake may take, redirects included. Default 10,000 ms. */
  readonly handshakeTimeoutMs?: number;
  /** Ends the attempt, or the connection, without a closing handshake. */
  readonly signal?: AbortSignal;
  /** Follows 301, 302, 303, 307 and 308. Credentials are not sent on to another host. Default false. */
  readonly followRedirects?: boolean;
  /** Default 10. */
  readonly maxRedirects?: number;
  /** Offers compression, RFC 7692. Default false, which is the server's default too. */
  readonly perMessageDeflate?: boolean | PerMessageDeflateOptions;
  /** Further extensions to offer. */
  readonly extensions?: readonly Extension[];
}

/** The server answered the handshake with something else than a 101. */
export class UnexpectedResponseError extends NestwireError {
  readonly code = 'WS_ERR_UNEXPECTED_RESPONSE';

  /**
   * @param status HTTP status
   * @param body at most 64 KiB of it
   */
  constructor(
    readonly status: number,
    readonly headers: IncomingHttpHeaders,
    readonly body: string,
  ) {
    super(`the server answered the handshake with ${status}${body ? `: ${body.slice(0, 200)}` : ''}`);
  }
}

/** The handshake did not come to an answer. */
export class HandshakeFailedError extends NestwireError {
  constructor(
    readonly code:
      'WS_ERR_HANDSHAKE_TIMEOUT' | 'WS_ERR_ABORTED' | 'WS_ERR_TOO_MANY_REDIRECTS' | 'WS_ERR_BAD_REDIRECT',
    message: string,
  ) {
    super(message);
  }
}
