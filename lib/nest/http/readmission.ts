/** Clients that come to a session which is there already: it is looked up, and the guards decide once more. */
import { type Observable, firstValueFrom, from, throwError, timeout } from 'rxjs';
import {
  type ResumableSession,
  ReturningSession,
  type SessionTicket,
  type TransportKind,
} from '../../session/index.js';
import type { GatewayEndpoint } from '../gateway/gateway-endpoint.js';
import type { HttpConnection } from './http-connection.js';
import { notConnected, sessionGone, tookTooLong } from './http-refusal.js';
import { type HttpVisit, originOf } from './http-visit.js';
import { offeredProtocols } from './session-request.js';

/** @throws HttpRefusal 404, HandshakeError 400 (rejects) */
export async function find(
  { endpoint, request }: HttpVisit,
  ticket: SessionTicket,
): Promise<ResumableSession> {
  const { served } = endpoint.choose(offeredProtocols(request));
  const session = await endpoint.find(ticket, served);
  if (!session || session.isOver) throw sessionGone();
  return session;
}

/** The session has no connection of this secret, or there is none. @throws HttpRefusal 409, 404 (rejects) */
export async function missing(visit: HttpVisit, ticket: SessionTicket): Promise<never> {
  await find(visit, ticket);
  throw notConnected();
}

/** The guards, once more. @throws HttpRefusal, RefusedError (rejects) */
export async function readmit(
  visit: HttpVisit,
  session: ResumableSession,
  { secret }: SessionTicket,
  kind: TransportKind,
): Promise<ReturningSession> {
  const returning = new ReturningSession(originOf(visit, kind), session, secret);
  await decideInTime(visit.endpoint, visit.endpoint.readmit(returning));
  if (returning.isOver) throw sessionGone();
  return returning;
}

/** WIRE §1: guards look at a request whose credentials are not those that they saw. */
export async function checkCredentials(
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

/** A decision of the application, as a handshake that waits. @throws HttpRefusal 503 (rejects) */
export async function decideInTime(endpoint: GatewayEndpoint, decision: Promise<void>): Promise<void> {
  const decided = endpoint.connection.admission.wait();
  const late = timeout<unknown, Observable<never>>({
    first: endpoint.handshakeMs,
    with: () => throwError(tookTooLong),
  });
  await firstValueFrom(from(decision).pipe(late)).finally(decided);
}
