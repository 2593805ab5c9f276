/**
 * The way up, whatever carries it at the moment. Messages are queued until there is a session to send them in,
 * then numbered, and kept until the server is known to have them.
 */
import type { Encoded } from '../protocol/codec/index.js';
import type { MessageId } from '../protocol/envelope/index.js';
import type { ClientCodec } from './codec/client-codec.js';
import { QueueFullError } from './errors.js';
import { SentLog } from './sent-log.js';
import type { ClientTransport } from './transport/transport.js';

interface Queued {
  readonly data: Encoded;
  /** Undefined: no answer is asked for. */
  readonly id: MessageId | undefined;
}

export interface OutboxOptions {
  readonly codec: ClientCodec;
  /** Without a session that can be resumed nothing is numbered or kept. */
  readonly isResumable: boolean;
  /** Messages that wait for a connection, or for the server to have got them. */
  readonly maxQueued: number;
}

export interface OutboxEvents {
  /** @param number its place among the messages of the session; 0 when they are not counted */
  sent(id: MessageId, number: number): void;
  /** Much is kept that nothing acknowledged. */
  crowded(): void;
}

/** With so many messages that nothing acknowledged, or half of what may wait, the server is asked what it got. */
const ASK_AFTER = 64;

export class Outbox {
  private readonly log = new SentLog();
  private readonly askAfter: number;
  private queue: Queued[] = [];
  private transport: ClientTransport | undefined;

  constructor(
    private readonly options: OutboxOptions,
    private readonly events: OutboxEvents,
  ) {
    this.askAfter = Math.min(ASK_AFTER, Math.ceil(options.maxQueued / 2));
  }

  get isConnected(): boolean {
    return this.transport !== undefined;
  }

  /** @throws QueueFullError */
  checkRoom(): void {
    const { maxQueued } = this.options;
    if (this.queue.length + this.log.size >= maxQueued) throw new QueueFullError(maxQueued);
  }

  /** @throws Error for data that cannot be encoded */
  encode(message: object): Encoded {
    return this.options.codec.encode(message);
  }

  /** Sends it now, or when there is a session. */
  add(data: Encoded, id?: MessageId): void {
    if (this.transport) this.pass(this.transport, { data, id });
    else this.queue.push({ data, id });
  }

  private pass(transport: ClientTransport, { data, id }: Queued): void {
    const number = this.options.isResumable ? this.log.add(data) : 0;
    if (id !== undefined) this.events.sent(id, number);
    transport.send(data);
    if (number > 0 && this.log.size % this.askAfter === 0) this.events.crowded();
  }

  /** Takes back what still waits. */
  withdraw(id: MessageId): void {
    this.queue = this.queue.filter((queued) => queued.id !== id);
  }

  /** Not numbered; what cannot go now is not sent later. */
  say(event: string, message: object = {}, transport = this.transport): void {
    transport?.send(this.encode({ event, ...message }));
  }

  /** The server has got so many messages of this session. */
  acknowledge(count: number): void {
    this.log.acknowledge(count);
  }

  /** Sends again what the server may not have got. */
  repeat(transport: ClientTransport): void {
    for (const data of this.log.unacknowledged) transport.send(data);
  }

  /** Sends what waited. */
  attach(transport: ClientTransport): void {
    this.transport = transport;
    const { queue } = this;
    this.queue = [];
    for (const message of queue) this.pass(transport, message);
  }

  /** The connection is gone. */
  detach(): void {
    this.transport = undefined;
  }

  /** A new session counts anew. What was sent in the one before is not sent again. */
  restart(): void {
    this.log.restart();
  }

  clear(): void {
    this.queue = [];
  }
}
