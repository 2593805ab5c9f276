import type { ResumableSession, TransportEvents } from '../../session/index.js';
import type { StreamTransport } from '../../transport/event-stream/index.js';
import type { PollTransport } from '../../transport/polling/index.js';
import { outOfTurn } from './http-refusal.js';
import type { PostedMessages } from './posted-messages.js';

type HttpTransport = StreamTransport | PollTransport;

/** What carries a session over HTTP at the moment, and the messages that come up beside it. */
export class HttpConnection implements TransportEvents {
  readonly transport: HttpTransport;
  /** The last POST that was taken. */
  private seq = 0;
  /** What its client was seen to come with. */
  private usedSecret: string | undefined;
  private onClosed: (() => void) | undefined;

  /** @param create makes the transport, which tells what happens to the connection */
  constructor(
    readonly session: ResumableSession,
    private readonly events: TransportEvents,
    create: (events: TransportEvents) => HttpTransport,
  ) {
    this.transport = create(this);
  }

  whenClosed(listener: () => void): void {
    this.onClosed = listener;
  }

  /** Whether it is the one that the session has. */
  get isAttached(): boolean {
    return this.session.attachment === this.events;
  }

  /** Whether it is the one that the session has, and the secret was told by it. */
  isCurrent(secret: string): boolean {
    if (!this.isAttached || !this.session.useSecret(secret)) return false;
    this.usedSecret = secret;
    return true;
  }

  /** Whether the session has it no longer, and the client came with this secret while it had. */
  wasLeftBy(secret: string): boolean {
    return !this.isAttached && this.usedSecret === secret;
  }

  /**
   * Hands the messages to the session, unless it has them: the answer to a POST may be lost, and it then comes
   * again.
   * @throws HttpRefusal 409 when one is missing before it
   */
  take({ seq, messages }: PostedMessages): void {
    if (seq === this.seq) return;
    if (seq !== this.seq + 1) throw outOfTurn(this.seq + 1);
    this.seq = seq;
    for (const message of messages) this.message(message);
  }

  message(data: string | Uint8Array): void {
    this.events.message(data);
  }

  drained(): void {
    this.events.drained();
  }

  closed(code: number, reason: string, clean: boolean): void {
    this.onClosed?.();
    this.events.closed(code, reason, clean);
  }
}
