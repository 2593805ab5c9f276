/**
 * How many clients may come over plain HTTP. A session takes the place of one connection from the POST that
 * makes it to the end of what carries it, or its own; between two connections over HTTP it keeps its place.
 *
 * Sessions that were made and that nobody came to yet cost their maker a single request. There may be only so
 * many, of one client too, so that a flood of them is refused before it drives those out that wait for their
 * clients.
 */
import { Subscription } from 'rxjs';
import type { Limits, ResumableSession } from '../../session/index.js';
import { clientNetwork } from '../../transport/admission/index.js';
import { tooManyAwaited } from './http-refusal.js';
import type { HttpVisit } from './http-visit.js';

export class SessionPlaces {
  /** Each is given back by its end. */
  private readonly taken = new Map<ResumableSession, Subscription>();
  /** Sessions without a first connection, and whose they are. */
  private readonly awaited = new Map<ResumableSession, string>();

  /**
   * A place for a session that is to be made.
   * @returns gives it back
   * @throws HttpRefusal, HandshakeError: 429 or 503
   */
  reserve({ endpoint, request, remoteAddress }: HttpVisit): () => void {
    this.checkAwaited(networkOf(remoteAddress), endpoint.limits);
    return endpoint.connection.admission.admit(request);
  }

  private checkAwaited(network: string, limits: Limits): void {
    let ofNetwork = 0;
    for (const [session, owner] of this.awaited) {
      if (!session.isExpected || session.isOver) this.awaited.delete(session);
      else if (owner === network && network !== '') ofNetwork++;
    }
    const { awaitedSessions, awaitedSessionsPerAddress } = limits;
    if (this.awaited.size >= awaitedSessions) throw tooManyAwaited(503, awaitedSessions);
    if (ofNetwork >= awaitedSessionsPerAddress) throw tooManyAwaited(429, awaitedSessionsPerAddress);
  }

  /** The session was made, and its client will come by another request. */
  await(session: ResumableSession, { remoteAddress }: HttpVisit, giveBack: () => void): void {
    this.awaited.set(session, networkOf(remoteAddress));
    this.keep(session, giveBack);
  }

  /**
   * A session is to get a connection. Its first one was asked for when the session was made.
   * @returns to be called when nothing came of it
   * @throws HandshakeError 429 or 503
   */
  enter(session: ResumableSession, { endpoint, request }: HttpVisit): () => void {
    const { admission } = endpoint.connection;
    if (this.taken.has(session)) {
      if (!session.isExpected) admission.admitAgain(request);
      return () => undefined;
    }
    this.keep(session, admission.admit(request));
    return () => this.leave(session);
  }

  private keep(session: ResumableSession, giveBack: () => void): void {
    const taken = new Subscription(giveBack);
    this.taken.set(session, taken);
    taken.add(session.closed$.subscribe({ complete: () => this.leave(session) }));
  }

  leave(session: ResumableSession): void {
    this.awaited.delete(session);
    this.taken.get(session)?.unsubscribe();
    this.taken.delete(session);
  }
}

/** Who comes by a UNIX socket has no address, and can't be told from others there. */
const networkOf = (address: string): string => (address === '' ? '' : clientNetwork(address));
