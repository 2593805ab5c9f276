import { Observable, type Subscriber, lastValueFrom } from 'rxjs';
import { CANCEL_EVENT, EXCEPTION_EVENT, type ExceptionData } from '../protocol/envelope/index.js';
import type { ItemOf, PayloadAnd, ReplyOf } from '../protocol/client-side.js';
import type { AnyProtocol, ClientEvent, ServerEvent } from '../protocol/index.js';
import type { CloseDetails } from '../session/index.js';
import type { WebSocket } from '../transport/websocket/index.js';
import { AnsweredByExceptionError, ConnectionEndedError } from './errors.js';
import { Inbox } from './inbox.js';
import type { PushedMessage, ServerMessage } from './messages.js';
import { within } from './within.js';

/** Who waits for the answers to one id. */
interface Asked {
  readonly event: string;
  readonly subscriber: Subscriber<unknown>;
}

interface Incoming extends ServerMessage {
  readonly id?: number;
  readonly more?: boolean;
}

/** What is no message of ours is only for those who listen to `socket` themselves. */
function readMessage(data: Buffer): Incoming | undefined {
  try {
    return JSON.parse(data.toString()) as Incoming;
  } catch {
    return undefined;
  }
}

/** How the library calls a new token, WIRE §3: answered like a request. */
const TOKEN_EVENT = 'nestwire:token';

/**
 * A client of a gateway, for tests. `connectInProcess` and `connectOverNetwork` make it.
 *
 * @typeParam P the protocol that it speaks: events and data are checked by it when a test is compiled
 */
export class TestClient<P extends AnyProtocol = AnyProtocol> {
  /** How the connection ended. Never rejects. */
  readonly closed: Promise<CloseDetails>;
  private readonly asked = new Map<number, Asked>();
  private readonly inbox: Inbox;
  private lastId = 0;
  private end: CloseDetails | undefined;

  /**
   * @internal
   * @param socket open; for what a test wants to do beyond messages
   */
  constructor(
    readonly socket: WebSocket,
    private readonly waitMs: number,
  ) {
    this.inbox = new Inbox(waitMs);
    socket.on('message', (data, isBinary) => {
      const message = isBinary ? undefined : readMessage(data as Buffer);
      if (message) this.receive(message);
    });
    this.closed = new Promise((resolve) =>
      socket.on('close', (code, reason) =>
        resolve(this.ended({ code, reason: String(reason), clean: socket.wasClean })),
      ),
    );
  }

  private receive(message: Incoming): void {
    const asked = message.id === undefined ? undefined : this.asked.get(message.id);
    if (!asked) return this.inbox.receive(message);
    if (!message.more) this.asked.delete(message.id!);
    const { event, subscriber } = asked;
    if (message.event === EXCEPTION_EVENT) {
      return subscriber.error(new AnsweredByExceptionError(event, message.data as ExceptionData));
    }
    if ('data' in message) subscriber.next(message.data);
    if (!message.more) subscriber.complete();
  }

  private ended(details: CloseDetails): CloseDetails {
    this.end = details;
    const asked = [...this.asked.values()];
    this.asked.clear();
    for (const { event, subscriber } of asked) {
      subscriber.error(new ConnectionEndedError(`the answer to "${event}"`, details));
    }
    this.inbox.close(details);
    return details;
  }

  /**
   * Sends a message with an id, and waits for its answer.
   * @returns the data of the reply; that of the last item if a stream answers; undefined without any
   * @throws AnsweredByExceptionError, ConnectionEndedError, NothingCameError (rejects)
   */
  request<E extends ClientEvent<P>>(event: E, ...[data]: PayloadAnd<P, E>): Promise<ReplyOf<P, E>> {
    return this.ask(event, data) as Promise<ReplyOf<P, E>>;
  }

  private ask(event: string, data: unknown): Promise<unknown> {
    const answer = lastValueFrom(this.answersTo(event, data), { defaultValue: undefined });
    return within(answer, this.waitMs, `the answer to "${event}"`, () => this.inbox.untaken);
  }

  /**
   * The items of a stream. Each subscription sends the message anew; to unsubscribe before the end cancels it.
   * Fails with AnsweredByExceptionError or ConnectionEndedError.
   */
  stream<E extends ClientEvent<P>>(event: E, ...[data]: PayloadAnd<P, E>): Observable<ItemOf<P, E>> {
    return this.answersTo(event, data) as Observable<ItemOf<P, E>>;
  }

  private answersTo(event: string, data: unknown): Observable<unknown> {
    return new Observable((subscriber) => {
      if (this.end) throw new ConnectionEndedError(`the answer to "${event}"`, this.end);
      const id = ++this.lastId;
      this.asked.set(id, { event, subscriber });
      this.sendText({ event, id, data });
      return () => {
        if (this.asked.delete(id)) this.sendText({ event: CANCEL_EVENT, id });
      };
    });
  }

  /** Sends a message without an id: it is not answered, unless by an exception, or a push. */
  send<E extends ClientEvent<P>>(event: E, ...[data]: PayloadAnd<P, E>): void {
    this.sendText({ event, data });
  }

  private sendText(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /**
   * The oldest message of the server's own that no `next` has taken, or else the next one that comes.
   * @param event takes the oldest with that event; others wait for another `next`
   * @throws NothingCameError, ConnectionEndedError (rejects)
   */
  next<E extends ServerEvent<P>>(event: E): Promise<PushedMessage<P, E>>;
  next(event?: string): Promise<ServerMessage>;
  next(event?: string): Promise<ServerMessage> {
    return this.inbox.next(event);
  }

  /**
   * Sends a new token before the old one expires.
   * @returns when the new one expires, in ms since 1970
   * @throws what `request` throws (rejects)
   */
  async renew(token: string): Promise<number | undefined> {
    const { expiresAt } = (await this.ask(TOKEN_EVENT, { token })) as { expiresAt?: number };
    return expiresAt;
  }

  /** From now on it reads nothing: it is a slow client, for whom messages queue up at the server. */
  pause(): void {
    this.socket.pause();
  }

  /** It reads again. */
  resume(): void {
    this.socket.resume();
  }

  /** Leaves with a closing handshake; settled when that is over. */
  close(code = 1000, reason = ''): Promise<CloseDetails> {
    this.socket.close(code, reason);
    return this.closed;
  }

  /** Breaks off, as a network does. */
  terminate(): void {
    this.socket.terminate();
  }
}
