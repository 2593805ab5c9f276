import {
  type Outgoing,
  PreparedMessage,
  type SessionTransport,
  type TransportEvents,
  type TransportOffer,
} from '../../lib/session/index.js';

/** A transport without a wire: what a session sends is kept, and the test plays the client. */
export class MemoryTransport implements SessionTransport, TransportOffer {
  readonly kind = 'websocket';
  readonly heartbeatMs = 25_000;
  readonly sent: Outgoing[] = [];
  closeFrame: { code: number; reason: string } | undefined;
  isPaused = false;
  isTerminated = false;
  /** While true the client reads nothing: what is sent stays queued. */
  isStalled = false;
  queuedBytes = 0;
  events: TransportEvents | undefined;

  /** Gives the transport to a session. */
  readonly connect = (events: TransportEvents): this => {
    this.events = events;
    return this;
  };

  send(message: Outgoing): void {
    if (this.closeFrame) return;
    this.sent.push(message);
    if (this.isStalled) this.queuedBytes += textOf(message).length;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  close(code: number, reason: string): void {
    this.closeFrame ??= { code, reason };
  }

  cutOff(code: number, reason: string): void {
    this.queuedBytes = 0;
    this.close(code, reason);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  /** What was sent, parsed. */
  get messages(): Record<string, unknown>[] {
    return this.sent.map((message) => JSON.parse(textOf(message)) as Record<string, unknown>);
  }

  /** What was sent since the last call, parsed. */
  take(): Record<string, unknown>[] {
    const messages = this.messages;
    this.sent.length = 0;
    return messages;
  }

  /** The client sends. */
  receive(message: unknown): void {
    this.events?.message(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The client reads everything. */
  drain(): void {
    this.isStalled = false;
    this.queuedBytes = 0;
    this.events?.drained();
  }

  /** The client leaves. */
  disconnect(code = 1000, reason = '', clean = true): void {
    this.events?.closed(code, reason, clean);
  }
}

function textOf(message: Outgoing): string {
  return (message instanceof PreparedMessage ? message.data : message) as string;
}
