/** What the transports over plain HTTP have in common: a session, the way up, and their end. */
import type { Encoded } from '../../protocol/codec/index.js';
import { CLOSE_EVENT, type CloseData } from '../../protocol/envelope/index.js';
import { retryHintMs } from '../close-policy.js';
import { type CarriedMessage, HttpRefusal, type HttpSession } from './http-session.js';
import { Posts } from './posts.js';
import {
  type ClientTransport,
  type ClientTransportEvents,
  type Ending,
  type TransportKind,
  brokenOff,
} from './transport.js';

/** The close code for what is 413 over HTTP. */
const TOO_LARGE = 1009;

export abstract class HttpTransport implements ClientTransport {
  abstract readonly kind: TransportKind;
  private readonly posts: Posts;
  private isOver = false;

  constructor(
    protected readonly session: HttpSession,
    private readonly events: ClientTransportEvents,
  ) {
    this.posts = new Posts(session, (error) => this.fail(error));
    void this.run();
  }

  private async run(): Promise<void> {
    try {
      await this.session.begin();
      await this.read();
      this.end(brokenOff('the stream ended'));
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    if (!(error instanceof HttpRefusal)) return this.end(brokenOff(String(error)));
    const { status, retryMs, message } = error;
    this.end(brokenOff(message, { status, retryMs, ...(status === 413 && { code: TOO_LARGE }) }));
  }

  /** Reads what the server sends, until it ends. */
  protected abstract read(): Promise<void>;

  protected get isRunning(): boolean {
    return !this.isOver;
  }

  protected opened(): void {
    if (!this.isOver) this.events.opened();
  }

  protected receive(carried: CarriedMessage): void {
    if (this.isOver) return;
    const message = this.session.read(carried);
    if (message.event === CLOSE_EVENT) {
      const { code, reason } = message.data as CloseData;
      return this.end({ code, reason, retryMs: retryHintMs(reason) });
    }
    this.session.learn(message);
    this.events.message(message);
  }

  send(message: Encoded): void {
    this.posts.send(message);
  }

  close(): void {
    if (!this.stop()) return;
    this.session.delete().catch(() => undefined);
  }

  abandon(): void {
    this.stop();
  }

  private end(ending: Ending): void {
    if (this.stop()) this.events.closed(ending);
  }

  /** @returns false when it has stopped before */
  private stop(): boolean {
    if (this.isOver) return false;
    this.isOver = true;
    this.posts.stop();
    this.session.abort();
    return true;
  }
}
