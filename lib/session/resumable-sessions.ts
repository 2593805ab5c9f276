/**
 * The resumable sessions of this process: found by their id, and ended when they were without a connection for
 * too long, or when there are too many such. All wait equally long, so that one timer does for them all.
 */
import { tellLimit } from '../diagnostics/tell-limit.js';
import { LONGEST_TIMER_MS } from '../errors/index.js';
import type { Limits } from './limits.js';
import type { SessionLocator } from './locator.js';
import type { ResumableSession } from './resumable-session.js';
import type { SessionKeeper } from './session-keeper.js';
import type { SessionTicket } from './session-ticket.js';

interface Detached {
  readonly until: number;
  bytes: number;
}

export class ResumableSessions implements SessionLocator, SessionKeeper<ResumableSession> {
  private readonly byId = new Map<string, ResumableSession>();
  /** Who waits longest is first. */
  private readonly detachedSessions = new Map<ResumableSession, Detached>();
  private detachedBytes = 0;
  private timer: NodeJS.Timeout | undefined;

  /** @param now milliseconds on a clock that never jumps */
  constructor(
    private readonly limits: Limits,
    private readonly now: () => number = () => performance.now(),
  ) {}

  find({ id, secret }: SessionTicket): Promise<ResumableSession | undefined> {
    const session = this.byId.get(id);
    return Promise.resolve(session?.matches(secret) ? session : undefined);
  }

  attached(session: ResumableSession): void {
    this.byId.set(session.id, session);
    this.take(session);
  }

  detached(session: ResumableSession): void {
    const { keptBytes: bytes } = session;
    this.detachedSessions.set(session, { until: this.now() + this.limits.resumeWindowMs, bytes });
    this.detachedBytes += bytes;
    this.evict();
    this.schedule();
  }

  retained(session: ResumableSession, bytes: number): void {
    const detached = this.detachedSessions.get(session);
    if (!detached) return;
    detached.bytes += bytes;
    this.detachedBytes += bytes;
    this.evict();
  }

  forget(session: ResumableSession): void {
    this.byId.delete(session.id);
    this.take(session);
  }

  private take(session: ResumableSession): void {
    const detached = this.detachedSessions.get(session);
    if (!detached) return;
    this.detachedSessions.delete(session);
    this.detachedBytes -= detached.bytes;
  }

  private evict(): void {
    for (const session of this.detachedSessions.keys()) {
      const { size } = this.detachedSessions;
      const isMany = size > this.limits.detachedSessions;
      if (!isMany && this.detachedBytes <= this.limits.detachedBytes) return;
      tellLimit(isMany ? 'detachedSessions' : 'detachedBytes', session.id);
      session.expire();
    }
  }

  private schedule(): void {
    const [first] = this.detachedSessions.values();
    if (this.timer || !first) return;
    const waitMs = Math.min(Math.max(0, first.until - this.now()), LONGEST_TIMER_MS);
    this.timer = setTimeout(() => this.expireDue(), waitMs);
    // a session that nobody comes back to must not keep the process alive
    this.timer.unref();
  }

  private expireDue(): void {
    this.timer = undefined;
    const now = this.now();
    for (const [session, { until }] of this.detachedSessions) {
      if (until > now) break;
      session.expire();
    }
    this.schedule();
  }
}
