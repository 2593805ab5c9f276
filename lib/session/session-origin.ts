import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { type ParsedUrlQuery, parse } from 'node:querystring';
import { GatewaySession } from './gateway-session.js';
import { queryOf } from './request-query.js';
import type { TransportKind } from './transport.js';

/** Where a session comes from. */
export interface SessionOrigin {
  readonly request: IncomingMessage;
  readonly transport: TransportKind;
  /** Path and query. */
  readonly url: string;
  readonly params: Readonly<Record<string, string>>;
  readonly remoteAddress: string;
}

/** A client that came back and was let in. */
export interface Return {
  readonly origin: SessionOrigin;
  /** What guards found this time. */
  readonly user: unknown;
  /** What the client came with. */
  readonly secret: string;
}

/** What guards read of a client: the request that it came with, and the user that they found. */
export abstract class ArrivedSession extends GatewaySession {
  private ownUser: unknown;
  private parsedQuery: ParsedUrlQuery | undefined;

  constructor(private origin: SessionOrigin) {
    super();
  }

  get transport(): TransportKind {
    return this.origin.transport;
  }

  get request(): IncomingMessage {
    return this.origin.request;
  }

  get headers(): IncomingHttpHeaders {
    return this.origin.request.headers;
  }

  get url(): string {
    return this.origin.url;
  }

  get query(): ParsedUrlQuery {
    return (this.parsedQuery ??= parse(queryOf(this.url)));
  }

  get params(): Readonly<Record<string, string>> {
    return this.origin.params;
  }

  get remoteAddress(): string {
    return this.origin.remoteAddress;
  }

  get user(): unknown {
    return this.ownUser ?? (this.origin.request as { user?: unknown }).user;
  }

  set user(user: unknown) {
    this.ownUser = user;
  }

  /** @internal The client came once more, by another request. The user stays, unless guards found one this time. */
  arriveAgain(origin: SessionOrigin, user: unknown): void {
    this.ownUser = user ?? this.user;
    this.origin = origin;
    this.parsedQuery = undefined;
  }
}
