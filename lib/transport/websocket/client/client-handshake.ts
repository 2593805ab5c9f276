/**
 * The client's opening handshake over `node:http`: asks, follows redirects where allowed, and ends in exactly
 * one of `onUpgrade` and `onFailure`, within the time limit.
 */
import { randomBytes } from 'node:crypto';
import {
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as httpRequest,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { LONGEST_TIMER_MS } from '../../../errors/index.js';
import {
  type Extension,
  InvalidUpgradeError,
  type NegotiatedExtension,
  acceptKey,
  checkSwitchingProtocols,
  confirmExtensions,
  offerExtensions,
  requestHeaders,
} from '../../../protocol/websocket/index.js';
import { sha1Base64 } from '../sha1.js';
import { mayKeepCredentials, redirected } from './address.js';
import { type ClientOptions, HandshakeFailedError, UnexpectedResponseError } from './client-options.js';

export interface Upgraded {
  readonly socket: Socket;
  readonly head: Buffer;
  readonly subprotocol: string;
  readonly extensions: NegotiatedExtension[];
  readonly response: IncomingMessage;
}

export interface HandshakeOutcome {
  onUpgrade(upgraded: Upgraded): void;
  onFailure(error: Error): void;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_REDIRECTS = 10;
const MAX_BODY_BYTES = 64 * 1024;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'host']);

export class ClientHandshake {
  private request: ClientRequest | undefined;
  private redirects = 0;
  private settled = false;
  private readonly timer: NodeJS.Timeout;
  private readonly onAbort = (): void => this.abort(new HandshakeFailedError('WS_ERR_ABORTED', 'aborted'));

  constructor(
    private url: URL,
    private readonly subprotocols: readonly string[],
    private readonly offered: readonly Extension[],
    private readonly options: ClientOptions,
    private readonly outcome: HandshakeOutcome,
  ) {
    const timeoutMs = options.handshakeTimeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.timer = setTimeout(() => this.timedOut(timeoutMs), Math.min(timeoutMs, LONGEST_TIMER_MS));
    options.signal?.addEventListener('abort', this.onAbort, { once: true });
    if (options.signal?.aborted) process.nextTick(this.onAbort);
    else this.ask(options.headers ?? {});
  }

  private timedOut(timeoutMs: number): void {
    this.abort(
      new HandshakeFailedError('WS_ERR_HANDSHAKE_TIMEOUT', `the handshake took over ${timeoutMs} ms`),
    );
  }

  /** Ends the attempt with this error, unless it has ended. */
  abort(error: Error): void {
    if (!this.settle()) return;
    this.request?.destroy();
    this.outcome.onFailure(error);
  }

  /** @returns false when the outcome is already told */
  private settle(): boolean {
    if (this.settled) return false;
    this.settled = true;
    clearTimeout(this.timer);
    this.options.signal?.removeEventListener('abort', this.onAbort);
    return true;
  }

  private ask(headers: OutgoingHttpHeaders): void {
    const key = randomBytes(16).toString('base64');
    const request = this.send(headers, key);
    this.request = request;
    request.on('upgrade', (response, socket, head) => this.upgraded(response, socket, head, key));
    request.on('response', (response) => this.answered(response, headers));
    request.on('error', (error) => {
      if (request === this.request) this.abort(error);
    });
    request.end();
  }

  private send(headers: OutgoingHttpHeaders, key: string): ClientRequest {
    const { origin, agent, tls } = this.options;
    const extensions = offerExtensions(this.offered);
    const own = requestHeaders({ key, subprotocols: this.subprotocols, extensions, origin });
    const request = this.url.protocol === 'https:' ? httpsRequest : httpRequest;
    // Node's agents add "Connection: close" for sockets that they don't keep; ours must say Upgrade
    return request(this.url, { ...tls, agent: agent ?? false, headers: { ...headers, ...own } });
  }

  private upgraded(response: IncomingMessage, socket: Socket, head: Buffer, key: string): void {
    let agreed: Pick<Upgraded, 'subprotocol' | 'extensions'>;
    try {
      agreed = this.check(response, key);
    } catch (error) {
      socket.destroy();
      return this.abort(asInvalidUpgrade(error));
    }
    if (!this.settle()) return void socket.destroy();
    // What a listener throws is the application's, not a failure of the handshake
    this.outcome.onUpgrade({ ...agreed, socket, head, response });
  }

  private check(response: IncomingMessage, key: string): Pick<Upgraded, 'subprotocol' | 'extensions'> {
    const header = (name: string): string | undefined => response.headersDistinct[name]?.join(', ');
    return {
      subprotocol: checkSwitchingProtocols(header, acceptKey(key, sha1Base64), this.subprotocols),
      extensions: confirmExtensions(header('sec-websocket-extensions'), this.offered),
    };
  }

  private answered(response: IncomingMessage, headers: OutgoingHttpHeaders): void {
    const { location } = response.headers;
    if (this.options.followRedirects && location !== undefined && REDIRECTS.has(response.statusCode!)) {
      this.redirect(location, headers);
    } else this.refused(response);
  }

  private redirect(location: string, headers: OutgoingHttpHeaders): void {
    const limit = this.options.maxRedirects ?? DEFAULT_MAX_REDIRECTS;
    if (++this.redirects > limit) {
      return this.abort(
        new HandshakeFailedError('WS_ERR_TOO_MANY_REDIRECTS', `more than ${limit} redirects`),
      );
    }
    const to = redirected(this.url, location);
    if (to === undefined) {
      return this.abort(
        new HandshakeFailedError('WS_ERR_BAD_REDIRECT', `redirect to ${JSON.stringify(location)}`),
      );
    }
    const kept = mayKeepCredentials(this.url, to) ? headers : withoutCredentials(headers);
    const last = this.request;
    this.url = to;
    this.ask(kept);
    last?.destroy();
  }

  private refused(response: IncomingMessage): void {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (): void => {
      const body = Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES).toString();
      this.abort(new UnexpectedResponseError(response.statusCode!, response.headers, body));
    };
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if ((size += chunk.length) >= MAX_BODY_BYTES) end();
    });
    response.on('end', end).on('error', end).on('close', end);
  }
}

/** An extension may throw any error for an answer that it doesn't take. */
function asInvalidUpgrade(error: unknown): InvalidUpgradeError {
  if (error instanceof InvalidUpgradeError) return error;
  return new InvalidUpgradeError(error instanceof Error ? error.message : String(error), { cause: error });
}

function withoutCredentials(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !CREDENTIALS.has(name.toLowerCase())));
}
