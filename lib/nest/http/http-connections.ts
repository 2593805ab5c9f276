/** What carries sessions over HTTP now, and what did and still has to tell its client why it does no longer. */
import type { SessionTicket } from '../../session/index.js';
import type { HttpConnection } from './http-connection.js';

export class HttpConnections {
  /** By the id of the session; the newest is last. */
  private readonly bySession = new Map<string, HttpConnection[]>();

  /** Keeps it until it is closed. @param left is called when the session has no connection of ours any more */
  add(connection: HttpConnection, left: () => void): void {
    const { id } = connection.session;
    const others = this.bySession.get(id) ?? [];
    this.bySession.set(id, [...others, connection]);
    connection.whenClosed(() => {
      if (this.remove(id, connection)) left();
    });
  }

  /** @returns whether it was the last one */
  private remove(id: string, connection: HttpConnection): boolean {
    const left = (this.bySession.get(id) ?? []).filter((other) => other !== connection);
    if (left.length > 0) this.bySession.set(id, left);
    else this.bySession.delete(id);
    return left.length === 0;
  }

  /** The one that the session has, if it told the client this secret. */
  current({ id, secret }: SessionTicket): HttpConnection | undefined {
    const connection = this.bySession.get(id)?.at(-1);
    return connection?.isCurrent(secret) ? connection : undefined;
  }

  /** One that was replaced or ended, and whose client has used this secret: there is news for it. */
  leaving({ id, secret }: SessionTicket): HttpConnection | undefined {
    return this.bySession.get(id)?.find((connection) => connection.wasLeftBy(secret));
  }

  /** The one that the session has, by any secret that holds: a client may leave before it has heard the newest. */
  attached({ id, secret }: SessionTicket): HttpConnection | undefined {
    const connection = this.bySession.get(id)?.at(-1);
    return connection?.isAttached && connection.session.matches(secret) ? connection : undefined;
  }
}
