/** The sessions that are carried over plain HTTP: made, found, connected and ended by requests. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { SESSION_EVENT } from '../../protocol/envelope/index.js';
import {
  type ResumableSession,
  ReturningSession,
  type SessionOrigin,
  type SessionTicket,
  type TransportEvents,
  type TransportKind,
} from '../../session/index.js';
import { StreamTransport } from '../../transport/event-stream/index.js';
import { PollTransport } from '../../transport/polling/index.js';
import type { GatewayEndpoint } from '../gateway/gateway-endpoint.js';
import { HttpConnection } from './http-connection.js';
import {
  badRequest,
  notAcceptable,
  notConnected,
  sessionGone,
  shuttingDown,
  tookTooLong,
} from './http-refusal.js';
import { answerPoll } from './poll-response.js';
import { readPosted } from './posted-messages.js';
import { readJson } from './request-body.js';
import { type Reception, offeredProtocols, readReception, readTicket } from './session-request.js';

/** One request of a gateway's client. */
export interface HttpVisit {
  readonly endpoint: GatewayEndpoint;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Path and query, as requested. */
  readonly url: string;
  readonly params: Readonly<Record<string, string>>;
  readonly remoteAddress: string;
}

const PROTOCOL_HEADER = 'Nestwire-Protocol';
/** What an event stream that is silent says that often, so that nobody between takes it for dead. */
const COMMENT_MS = 15_000;
/** How long a client may stay away between two polls, at least. */
const ABSENCE_MS = 45_000;

export class HttpSessions {
  /** By the id of the session. A session that is being closed is here until its client has heard of it. */
  private readonly connections = new Map<string, HttpConnection>();
  private isClosed = false;

  /** Takes no more clients; those that are here may take what there is for them, and leave. */
  close(): void {
    this.isClosed = true;
  }

  /** Makes a session, or takes messages for one. @throws HttpRefusal, RefusedError, HandshakeError (rejects) */
  async post(visit: HttpVisit): Promise<void> {
    const ticket = ticketOf(visit);
    if (ticket === 'new') return this.create(visit);
    const posted = readPosted(await readJson(visit.request, visit.endpoint.limits.messageBytes));
    const connection = this.current(ticket) ?? (await missing(visit, ticket));
    await checkCredentials(visit, connection, ticket);
    connection.take(posted);
    await connection.transport.gate.passed();
    reply(visit.response, 202, { ack: posted.seq });
  }

  private async create(visit: HttpVisit): Promise<void> {
    if (this.isClosed) throw shuttingDown();
    const { endpoint, request, response } = visit;
    const { served, subprotocol } = endpoint.choose(offeredProtocols(request));
    const session = endpoint.createResumable(originOf(visit, 'long-polling'), served);
    if (!session) throw badRequest('this gateway is reached over WebSocket only');
    try {
      await inTime(endpoint.connect(session), endpoint.handshakeMs);
    } catch (error) {
      session.closed(1006, 'refused', false);
      throw error;
    }
    if (response.destroyed) return session.closed(1006, '', false);
    if (subprotocol !== undefined) response.setHeader(PROTOCOL_HEADER, subprotocol);
    reply(response, 201, { messages: [{ event: SESSION_EVENT, data: session.expect() }] });
  }

  /** The connection that a client means by its ticket, if that is still the one of its session. */
  private current({ id, secret }: SessionTicket): HttpConnection | undefined {
    const connection = this.connections.get(id);
    return connection?.isCurrent(secret) ? connection : undefined;
  }

  /** Brings messages down. @throws HttpRefusal, RefusedError, HandshakeError (rejects) */
  async get(visit: HttpVisit): Promise<void> {
    const ticket = ticketOf(visit);
    if (ticket === 'new') throw badRequest('a session is made by POST');
    const reception = readReception(visit.request);
    if (!reception) throw notAcceptable();
    const connection =
      reception.ack === undefined
        ? await this.connect(visit, ticket, reception)
        : await this.goOn(visit, ticket);
    const { transport } = connection;
    if (transport instanceof PollTransport) answerPoll(visit.response, transport, reception);
  }

  /** A poll after the first of a connection: it says what came by the one before. */
  private async goOn(visit: HttpVisit, ticket: SessionTicket): Promise<HttpConnection> {
    const connection = this.current(ticket) ?? (await missing(visit, ticket));
    await checkCredentials(visit, connection, ticket);
    return connection;
  }

  private async connect(
    visit: HttpVisit,
    ticket: SessionTicket,
    { kind }: Reception,
  ): Promise<HttpConnection> {
    if (this.isClosed) throw shuttingDown();
    const session = await find(visit, ticket);
    const returning = await readmit(visit, session, ticket, kind);
    // the client has left meanwhile, and its transport would never hear of it
    if (visit.response.destroyed) throw notConnected();
    return new Promise((resolve) => {
      returning.attach({
        heartbeatMs: 0,
        connect: (events) => {
          const connection = this.open(visit, session, kind, events);
          resolve(connection);
          return connection.transport;
        },
      });
    });
  }

  private open(
    visit: HttpVisit,
    session: ResumableSession,
    kind: Reception['kind'],
    events: TransportEvents,
  ): HttpConnection {
    const connection = new HttpConnection(session, events, (told) => transportFor(visit, kind, told));
    this.connections.set(session.id, connection);
    connection.whenClosed(() => {
      if (this.connections.get(session.id) === connection) this.connections.delete(session.id);
    });
    return connection;
  }

  /** Ends a session. @throws HttpRefusal (rejects) */
  async delete(visit: HttpVisit): Promise<void> {
    const ticket = ticketOf(visit);
    if (ticket === 'new') throw badRequest('there is no session to end');
    // a client may leave before it has heard of the newest secret
    const connection = this.connections.get(ticket.id);
    if (connection?.session.matches(ticket.secret)) connection.transport.leave();
    else (await find(visit, ticket)).close(1000);
    visit.response.writeHead(204).end();
  }
}

/** @throws HttpRefusal (rejects) */
async function missing(visit: HttpVisit, ticket: SessionTicket): Promise<never> {
  await find(visit, ticket);
  throw notConnected();
}

function ticketOf({ request }: HttpVisit): SessionTicket | 'new' {
  const ticket = readTicket(request);
  if (ticket === undefined)
    throw badRequest('Nestwire-Session is neither "new" nor of the form <id>.<secret>');
  return ticket;
}

async function find({ endpoint, request }: HttpVisit, ticket: SessionTicket): Promise<ResumableSession> {
  const { served } = endpoint.choose(offeredProtocols(request));
  const session = await endpoint.find(ticket, served);
  if (!session || session.isOver) throw sessionGone();
  return session;
}

function originOf(
  { request, url, params, remoteAddress }: HttpVisit,
  transport: TransportKind,
): SessionOrigin {
  return { request, transport, url, params, remoteAddress };
}

/** The guards, once more. */
async function readmit(
  visit: HttpVisit,
  session: ResumableSession,
  { secret }: SessionTicket,
  kind: TransportKind,
): Promise<ReturningSession> {
  const returning = new ReturningSession(originOf(visit, kind), session, secret);
  await inTime(visit.endpoint.readmit(returning), visit.endpoint.handshakeMs);
  if (returning.isOver) throw sessionGone();
  return returning;
}

/** WIRE §1: guards look at a request whose credentials are not those that they saw. */
async function checkCredentials(
  visit: HttpVisit,
  { session }: HttpConnection,
  ticket: SessionTicket,
): Promise<void> {
  const { headers } = visit.request;
  const { authorization, cookie } = session.headers;
  if (headers.authorization === authorization && headers.cookie === cookie) return;
  const returning = await readmit(visit, session, ticket, session.transport);
  returning.arrive();
}

function transportFor(
  { request, response, endpoint }: HttpVisit,
  kind: Reception['kind'],
  events: TransportEvents,
): StreamTransport | PollTransport {
  const { closeWaitMs, outboundBytes } = endpoint.limits;
  if (kind !== 'event-stream') {
    return new PollTransport(kind, events, { batchBytes: outboundBytes, absenceMs: ABSENCE_MS, closeWaitMs });
  }
  const options = { heartbeatMs: COMMENT_MS, compression: false, closeWaitMs };
  return new StreamTransport(request, response, events, options);
}

async function inTime(decision: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tookTooLong()), ms);
  });
  try {
    await Promise.race([decision, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function reply(response: ServerResponse, status: number, body: object): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}
