import type { SessionData } from '../../lib/protocol/envelope/index.js';
import {
  type Limits,
  type Membership,
  type ResumableSessions,
  ResumableSession,
  ReturningSession,
  resolveLimits,
} from '../../lib/session/index.js';
import { MemoryTransport } from './memory-transport.js';
import { ORIGIN, type TestHost } from './test-session.js';

/** What a client of a resumable session knows, and what it does with it. Its transports have no wire. */
export class ResumableClient {
  transport = new MemoryTransport();
  /** What the server said first on the newest connection. */
  said: SessionData | undefined;

  constructor(readonly session: ResumableSession) {
    session.attach(this.transport);
    this.hear();
  }

  private hear(): void {
    const [first] = this.transport.take();
    this.said = first!['data'] as SessionData;
  }

  /** The connection breaks off. */
  breakOff(): void {
    this.transport.disconnect(1006, '', false);
  }

  /** Connects again, without a word yet. */
  comeBack(secret = this.said!.secret): void {
    this.transport = new MemoryTransport();
    new ReturningSession(ORIGIN, this.session, secret).attach(this.transport);
    this.hear();
  }

  /** @param received messages that it got, of those that count */
  resume(received: number, cursors: Record<string, string> = {}): void {
    this.transport.receive({ event: 'nestwire:resume', data: { received, cursors } });
  }

  /** What came since the last call. */
  take(): Record<string, unknown>[] {
    return this.transport.take();
  }
}

/** A new resumable session, and its client. */
export function openResumable(
  host: TestHost,
  sessions: ResumableSessions,
  limits: Partial<Limits> = {},
  membership?: Membership,
): { session: ResumableSession; client: ResumableClient } {
  host.limits = resolveLimits(limits);
  if (membership) host.membership = membership;
  const session = new ResumableSession(ORIGIN, host, sessions);
  return { session, client: new ResumableClient(session) };
}
