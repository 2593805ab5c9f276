import { Observable, filter, map } from 'rxjs';
import type { AnyProtocol, ClientEvent, ServerEvent } from '../protocol/index.js';
import type { ClientSettings } from './client-options.js';
import type {
  ItemOf,
  PayloadAnd,
  PushOf,
  ReplyOf,
  RequestEvent,
  StreamEvent,
} from '../protocol/client-side.js';
import type { Conversation } from './conversation.js';
import type { Gap } from './gap.js';
import type { Link } from './link.js';
import { InvalidClientOptionError } from './errors.js';
import { PendingRequest, type RequestOptions } from './pending-request.js';
import type { Status } from './status.js';

/** Answered by `{ expiresAt? }`. */
const TOKEN_EVENT = 'nestwire:token';

/**
 * A session with a gateway that is kept up: made by `connect`.
 * @typeParam P the gateway's protocol
 */
export class Client<P extends AnyProtocol = AnyProtocol> {
  /** @internal */
  constructor(
    private readonly conversation: Conversation,
    private readonly link: Link,
    private readonly settings: ClientSettings,
  ) {}

  /** What the client is doing, beginning with now. Completes when it is closed for good. */
  get status$(): Observable<Status> {
    return this.link.status$.asObservable();
  }

  get status(): Status {
    return this.link.status$.value;
  }

  /** What was missed while the client was away and cannot be had any more. */
  get gaps$(): Observable<Gap> {
    return this.conversation.gaps$.asObservable();
  }

  /**
   * Sends a message and waits for its answer; while there is no connection, for that too.
   *
   * Rejects with `RequestFailedError` (the server's exception), `RequestTimedOutError`, `RequestAbortedError`,
   * `OutcomeUnknownError` (the session is lost), `QueueFullError` or `ClientClosedError`.
   */
  async request<E extends RequestEvent<P>>(
    event: E,
    ...[data, options = {}]: PayloadAnd<P, E, [options?: RequestOptions]>
  ): Promise<ReplyOf<P, E>> {
    const { timeoutMs = this.settings.requestTimeoutMs, signal } = options;
    const request = new PendingRequest(event, this.conversation, signal);
    request.send(data, timeoutMs);
    return request.answer as Promise<ReplyOf<P, E>>;
  }

  /**
   * The items that the server answers with. Each subscription is a request of its own; unsubscribing cancels it
   * on the server. Errors as `request` rejects, but has no time limit.
   */
  stream<E extends StreamEvent<P>>(event: E, ...[data]: PayloadAnd<P, E>): Observable<ItemOf<P, E>> {
    return new Observable((subscriber) => {
      const id = this.conversation.ask(data, {
        event,
        item: (item) => subscriber.next(item as ItemOf<P, E>),
        done: () => subscriber.complete(),
        failed: (error) => subscriber.error(error),
      });
      return () => this.conversation.cancel(id);
    });
  }

  /**
   * Sends a message that is not answered; while there is no connection it waits for one.
   * @throws QueueFullError, ClientClosedError
   */
  send<E extends ClientEvent<P>>(event: E, ...[data]: PayloadAnd<P, E>): void {
    this.conversation.tell(event, data);
  }

  /** What the server pushes, and what is published to the session's channels, under this event. */
  on<E extends ServerEvent<P>>(event: E): Observable<PushOf<P, E>> {
    return this.conversation.messages$.pipe(
      filter((message) => message.event === event),
      map(({ data }) => data as PushOf<P, E>),
    );
  }

  /**
   * Sends the server a new token (option `token`) before the one that it has expires, so that the connection
   * stays. Without a connection there is nothing to do: the next one begins with a new token.
   *
   * Rejects as `request` does, and as the option `token` does.
   * @returns when the new one expires, in milliseconds since 1970; undefined when it never does, or there is no
   * connection
   */
  async refreshToken(): Promise<number | undefined> {
    const token = await this.settings.token?.();
    if (token === undefined) throw new InvalidClientOptionError('refreshToken needs the option "token"');
    const request = new PendingRequest(TOKEN_EVENT, this.conversation, undefined);
    request.sendNow({ token }, this.settings.requestTimeoutMs);
    const answer = (await request.answer) as { expiresAt?: number } | undefined;
    return answer?.expiresAt;
  }

  /** Tries again at once, if the client waits for its next attempt. */
  retry(): void {
    this.link.wake();
  }

  /** Ends the session, on the server too. What was not answered rejects with `ClientClosedError`. */
  close(code = 1000, reason = ''): void {
    this.link.close(code, reason);
  }
}
