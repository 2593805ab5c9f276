import type { Session } from '../../session/index.js';
import type { Departing } from './shutdown-part.js';

/** WIRE §8: the server goes away, others are there. */
export const SHUTDOWN_CODE = 1012;

export class DepartingSession implements Departing {
  constructor(private readonly session: Session) {}

  get unfinished(): string[] {
    return this.session.unfinished;
  }

  async leave(retryMs: number, hurry: Promise<void>): Promise<void> {
    const finished = this.session.finished();
    if (finished) await Promise.race([finished, hurry]);
    this.session.close(SHUTDOWN_CODE, `retry=${retryMs}`);
  }
}
