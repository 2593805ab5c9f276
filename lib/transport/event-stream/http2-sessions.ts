/**
 * HTTP/2 connections that had requests of ours: a server waits for its connections when it closes, and those
 * stay open for further requests unless they are told to go.
 */
import type { HttpRequest } from './http-message.js';

interface Http2Session {
  once(event: 'close', listener: () => void): unknown;
  close(): void;
}

export class Http2Sessions {
  private readonly sessions = new Set<Http2Session>();

  /** Does nothing for HTTP/1. */
  note(request: HttpRequest): void {
    const { session } = (request as { stream?: { session?: Http2Session } }).stream ?? {};
    if (!session || this.sessions.has(session)) return;
    this.sessions.add(session);
    session.once('close', () => this.sessions.delete(session));
  }

  /** Each closes when its last stream has ended. */
  close(): void {
    for (const session of this.sessions) session.close();
  }
}
