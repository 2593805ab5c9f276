/** The sessions that are carried over plain HTTP: made, connected, spoken to and ended by requests. */
import { SESSION_EVENT } from '../../protocol/envelope/index.js';
import type {
  ResumableSession,
  ReturningSession,
  SessionTicket,
  TransportEvents,
} from '../../session/index.js';
import { PollTransport } from '../../transport/polling/index.js';
import { readBrought } from './brought-cursors.js';
import { HttpConnection } from './http-connection.js';
import { HttpConnections } from './http-connections.js';
import { badRequest, notConnected, shuttingDown } from './http-refusal.js';
import { type HttpVisit, originOf, reply, ticketOf } from './http-visit.js';
import { answerPoll } from './poll-response.js';
import { readPosted } from './posted-messages.js';
import { checkCredentials, decideInTime, find, missing, readmit } from './readmission.js';
import { readBody } from './request-body.js';
import { SessionPlaces } from './session-places.js';
import { type Reception, offeredProtocols, readReception } from './session-request.js';
import { transportFor } from './transport-for.js';

const PROTOCOL_HEADER = 'Nestwire-Protocol';
const GONE = 1006;

export class HttpSessions {
  private readonly connections = new HttpConnections();
  private readonly places = new SessionPlaces();
  isClosed = false;

  /** Takes no more clients; those that are here may take what there is for them, and leave. */
  close(): void {
    this.isClosed = true;
  }

  /** Makes a session, or takes messages for one. @throws HttpRefusal, RefusedError, HandshakeError (rejects) */
  async post(visit: HttpVisit): Promise<void> {
    const ticket = ticketOf(visit);
    if (ticket === 'new') return this.create(visit);
    const { messageBytes, handshakeMs } = visit.endpoint.limits;
    // before its body costs anything
    const connection = await this.currentFor(visit, ticket);
    const { codec } = connection.session;
    const body = await readBody(visit.request, codec, messageBytes, handshakeMs);
    const posted = readPosted(body, messageBytes);
    // another connection may have taken its place meanwhile
    if (this.connections.current(ticket) !== connection) throw notConnected();
    connection.take(posted);
    await connection.transport.gate.passed();
    reply(visit, 202, { ack: posted.seq });
  }

  private async create(visit: HttpVisit): Promise<void> {
    if (this.isClosed) throw shuttingDown();
    const { endpoint, request } = visit;
    const { served, subprotocol } = endpoint.choose(offeredProtocols(request));
    const session = endpoint.createResumable(originOf(visit, 'long-polling'), served);
    if (!session) throw badRequest('this gateway is reached over WebSocket only');
    const giveBack = this.places.reserve(visit);
    try {
      const cursors = await readBrought(visit, served.codec);
      if (cursors) session.goOnFrom(cursors);
      await decideInTime(endpoint, endpoint.connect(session));
      this.checkStillThere(visit);
    } catch (error) {
      giveBack();
      session.closed(GONE, 'refused', false);
      throw error;
    }
    this.places.await(session, visit, giveBack);
    if (subprotocol !== undefined) visit.response.setHeader(PROTOCOL_HEADER, subprotocol);
    reply(visit, 201, { messages: [{ event: SESSION_EVENT, data: session.expect() }] });
  }

  /** While guards decided the client may have left, or the server have begun to shut down. */
  private checkStillThere({ response }: HttpVisit): void {
    if (this.isClosed) throw shuttingDown();
    if (response.destroyed) throw notConnected();
  }

  /** The connection that the ticket is of, when guards have nothing against it. */
  private async currentFor(visit: HttpVisit, ticket: SessionTicket): Promise<HttpConnection> {
    const connection = this.connections.current(ticket) ?? (await missing(visit, ticket));
    await checkCredentials(visit, connection, ticket);
    return connection;
  }

  /** Brings messages down. @throws HttpRefusal, RefusedError, HandshakeError (rejects) */
  async get(visit: HttpVisit): Promise<void> {
    const ticket = ticketOf(visit);
    if (ticket === 'new') throw badRequest('a session is made by POST');
    const reception = readReception(visit.request);
    const connection =
      reception.ack === undefined
        ? await this.connect(visit, ticket, reception)
        : (this.connections.leaving(ticket) ?? (await this.currentFor(visit, ticket)));
    const { transport } = connection;
    if (transport instanceof PollTransport) answerPoll(visit, transport, reception);
    // an event stream has no batches to go on with, and is its own answer
    else if (reception.ack !== undefined) throw notConnected();
  }

  private async connect(
    visit: HttpVisit,
    ticket: SessionTicket,
    { kind }: Reception,
  ): Promise<HttpConnection> {
    const session = await find(visit, ticket).catch((error: unknown) => {
      this.forgetEnded(ticket);
      throw error;
    });
    // one that has ended is said to be gone even so: its client goes on with another node at once
    if (this.isClosed) throw shuttingDown();
    const giveUp = this.places.enter(session, visit);
    const returning = await this.letIn(visit, session, ticket, kind).catch((error: unknown) => {
      giveUp();
      throw error;
    });
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

  /** Who begins anew does not come for what the connection of a session that has ended still had to tell. */
  private forgetEnded(ticket: SessionTicket): void {
    const connection = this.connections.attached(ticket);
    if (connection?.session.isOver) connection.transport.terminate();
  }

  private async letIn(
    visit: HttpVisit,
    session: ResumableSession,
    ticket: SessionTicket,
    kind: Reception['kind'],
  ): Promise<ReturningSession> {
    const returning = await readmit(visit, session, ticket, kind);
    // the transport of a client that has left would never hear of it
    this.checkStillThere(visit);
    return returning;
  }

  private open(
    visit: HttpVisit,
    session: ResumableSession,
    kind: Reception['kind'],
    events: TransportEvents,
  ): HttpConnection {
    const connection = new HttpConnection(session, events, (told) => transportFor(visit, kind, told));
    this.connections.add(connection, () => this.places.leave(session));
    return connection;
  }

  /** Ends a session. @throws HttpRefusal (rejects) */
  async delete(visit: HttpVisit): Promise<void> {
    const ticket = ticketOf(visit);
    if (ticket === 'new') throw badRequest('there is no session to end');
    const connection = this.connections.attached(ticket);
    if (connection) connection.transport.leave();
    else (await find(visit, ticket)).close(1000);
    visit.response.writeHead(204).end();
  }
}
