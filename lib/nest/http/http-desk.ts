/**
 * Serves the clients of gateways that come over plain HTTP (WIRE §6), as middleware on the gateways' paths.
 *
 * A POST makes a session; then GETs bring its messages down (`Reception`), and POSTs take the client's up.
 * Requests without our header, and GETs that take nothing that we have, are somebody else's.
 */
import { clientRefused } from '../../diagnostics/index.js';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Logger } from '@nestjs/common';
import {
  Http2Sessions,
  type HttpResponse,
  endConnectionAfter,
  mergeVary,
} from '../../transport/event-stream/index.js';
import { answerAndClose } from '../../transport/unread-body.js';
import type { OriginPolicy } from '../../transport/websocket/index.js';
import { HandshakeError, checkOrigin } from '../../transport/websocket/index.js';
import type { HandOver } from '../cluster/hand-over.js';
import type { GatewayEndpoint } from '../gateway/gateway-endpoint.js';
import { pathsBelow } from '../gateway/paths-below.js';
import { RefusedError } from '../gateway/refusal.js';
import { urlAsSent } from '../url-as-sent.js';
import { HttpRefusal, outOfReach, wrongMethod } from './http-refusal.js';
import { HttpSessions } from './http-sessions.js';
import type { HttpVisit } from './http-visit.js';
import { portFor } from './request-inlet.js';
import { isForGateway, isNextPoll, readTicket } from './session-request.js';

export interface HttpDeskOptions {
  readonly origin: OriginPolicy;
  /** What may stand before a gateway's path: the global prefix, or nothing. */
  readonly prefixes: readonly string[];
  /** To other nodes, for the gateways of a port; undefined where there are none. */
  readonly handOverOf: (port: number | undefined) => HandOver | undefined;
}

const logger = new Logger('Gateway');

/** Of every answer: nothing between us and the client may keep, gather or change it. */
const HEADERS = {
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
};
const VARY = ['Accept', 'Prefer', 'Origin'];

export class HttpDesk {
  private readonly sessions = new HttpSessions();
  private readonly http2Sessions = new Http2Sessions();

  constructor(private readonly options: HttpDeskOptions) {}

  /** @param port of the endpoint's gateways, if they have one of their own */
  readonly middleware =
    (endpoint: GatewayEndpoint, port: number | undefined) =>
    (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
      if (!isForGateway(request) || portFor(request) !== port) return next();
      const visit = this.visitOf(endpoint, request, response);
      if (visit === undefined) return next();
      request.url = visit.url;
      this.http2Sessions.note(request);
      for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
      response.setHeader('Vary', mergeVary(response.getHeader('Vary'), VARY));
      this.serve(visit).catch((error: unknown) => {
        if (this.sessions.isClosed && !response.headersSent) endConnectionAfter(request, response);
        refuse(visit, error);
      });
    };

  private visitOf(
    endpoint: GatewayEndpoint,
    request: IncomingMessage,
    response: ServerResponse,
  ): HttpVisit | undefined {
    const url = urlAsSent(request);
    const params = this.paramsOf(endpoint, url);
    if (!params) return undefined;
    const remoteAddress = endpoint.connection.admission.proxies.addressOf(request);
    return { endpoint, request, response, url, params, remoteAddress };
  }

  private paramsOf({ pattern }: GatewayEndpoint, url: string): HttpVisit['params'] | undefined {
    for (const path of pathsBelow(this.options.prefixes, url)) {
      const params = pattern.match(path);
      if (params) return params;
    }
    return undefined;
  }

  private async serve(visit: HttpVisit): Promise<void> {
    const { endpoint, request } = visit;
    // a page of the same origin sends no Origin with a GET, and another one cannot send our header unasked
    if (request.method !== 'GET' || request.headers.origin !== undefined) {
      const { proxies } = endpoint.connection.admission;
      const policy = endpoint.origin ?? this.options.origin;
      checkOrigin(policy, request.headers.origin, request, proxies.hostOf(request) ?? authorityOf(request));
    }
    if (await this.isServedElsewhere(visit)) return;
    switch (request.method) {
      case 'POST':
        return this.sessions.post(visit);
      case 'GET':
        return this.sessions.get(visit);
      case 'DELETE':
        return this.sessions.delete(visit);
      default:
        throw wrongMethod();
    }
  }

  /** @throws HttpRefusal 503 (rejects) when another node has the session, and can't be reached */
  private async isServedElsewhere(visit: HttpVisit): Promise<boolean> {
    const handOver = this.options.handOverOf(portFor(visit.request));
    const ticket = readTicket(visit.request);
    const owner = typeof ticket === 'object' ? handOver?.ownerOf(ticket) : undefined;
    if (!handOver || owner === undefined) return false;
    const failure = await handOver.request(owner, visit);
    if (failure === 'leaving' && isNextPoll(visit.request)) {
      sendOn(visit);
      return true;
    }
    if (failure === 'unreachable' || failure === 'leaving') throw outOfReach();
    return failure === undefined;
  }

  /** Takes no more clients; those that are here may take what there is for them, and leave. */
  close(): void {
    this.sessions.close();
  }

  /** Nobody is left who has to be answered: HTTP/2 connections are not to keep the server open. */
  letGo(): void {
    this.http2Sessions.close();
  }
}

/** Its session is well, and reached through another node: to the client it is a poll that found nothing. */
function sendOn({ request, response }: HttpVisit): void {
  endConnectionAfter(request, response);
  response.writeHead(204).end();
}

/** What HTTP/2 has in place of `Host`. */
const authorityOf = ({ headers }: IncomingMessage): string | undefined =>
  headers[':authority'] as string | undefined;

function refuse({ endpoint, request, response }: HttpVisit, error: unknown): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  const { status, body, headers } = explain(error);
  if (clientRefused.hasSubscribers) clientRefused.publish({ status, transport: 'http' });
  const { stream } = response as HttpResponse;
  const answer = {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
  if (!stream && !request.complete) {
    return answerAndClose(request, response, answer, endpoint.limits.closeWaitMs);
  }
  response.writeHead(status, answer.headers);
  // RFC 9113 §8.1: over HTTP/2 it is the stream that ends, so that nobody sends the rest of a body
  response.end(answer.body, () => stream?.close());
}

function explain(error: unknown): Pick<HttpRefusal, 'status' | 'body' | 'headers'> {
  if (error instanceof HttpRefusal) return error;
  if (error instanceof RefusedError) return { ...error.refusal, headers: error.refusal.headers ?? {} };
  if (error instanceof HandshakeError) {
    const { status, message, headers } = error;
    if (status === 403) logger.warn(`${message}; NestwireModule.forRoot({ origin }) sets which origins are`);
    return { status, body: { statusCode: status, message }, headers };
  }
  logger.error(error);
  return { status: 500, body: { statusCode: 500, message: 'Internal server error' }, headers: {} };
}
