import { LONGEST_TIMER_MS } from '../errors/index.js';
import type { Conversation } from './conversation.js';
import { RequestAbortedError, RequestTimedOutError } from './errors.js';
import type { Asker } from './open-requests.js';

export interface RequestOptions {
  /** How long to wait for the answer. Default the client's `requestTimeoutMs`; Infinity: for ever. */
  readonly timeoutMs?: number;
  /** Gives the request up; the server is told. */
  readonly signal?: AbortSignal;
}

/** One request with the time it may take, until it is answered, fails, or is given up. */
export class PendingRequest implements Asker {
  readonly answer: Promise<unknown>;
  private resolve!: (data: unknown) => void;
  private reject!: (error: Error) => void;
  private id: number | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly event: string,
    private readonly conversation: Conversation,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.answer = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  /** @throws QueueFullError, ClientClosedError */
  send(data: unknown, timeoutMs: number): void {
    if (this.signal?.aborted) return this.abort();
    this.await(this.conversation.ask(data, this), timeoutMs);
  }

  /** Without a connection it is not sent, and the answer is undefined. */
  sendNow(data: unknown, timeoutMs: number): void {
    const id = this.conversation.askNow(data, this);
    if (id === undefined) this.done(undefined);
    else this.await(id, timeoutMs);
  }

  private await(id: number, timeoutMs: number): void {
    this.id = id;
    this.signal?.addEventListener('abort', this.abort);
    if (timeoutMs > LONGEST_TIMER_MS) return;
    this.timer = setTimeout(() => this.giveUp(new RequestTimedOutError(this.event, timeoutMs)), timeoutMs);
  }

  private readonly abort = (): void => this.giveUp(new RequestAbortedError(this.event, this.signal?.reason));

  private giveUp(error: Error): void {
    if (this.id !== undefined) this.conversation.cancel(this.id);
    this.failed(error);
  }

  /** A gateway that streams where a reply was expected: the last item is none of it. */
  item(): void {
    // the end of the stream is the answer
  }

  done(data: unknown): void {
    this.settle();
    this.resolve(data);
  }

  failed(error: Error): void {
    this.settle();
    this.reject(error);
  }

  private settle(): void {
    clearTimeout(this.timer);
    this.signal?.removeEventListener('abort', this.abort);
  }
}
