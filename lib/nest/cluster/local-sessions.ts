import type { Session } from '../../session/index.js';

/** Who has sessions, by their id. */
export interface SessionSource {
  sessionOf(id: string): Session | undefined;
}

/** The sessions of this process by their id, whoever serves them. */
export class LocalSessions {
  private readonly sources: SessionSource[] = [];

  add(source: SessionSource): void {
    this.sources.push(source);
  }

  find(id: string): Session | undefined {
    for (const source of this.sources) {
      const session = source.sessionOf(id);
      if (session) return session;
    }
    return undefined;
  }
}
