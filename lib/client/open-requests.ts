import type { ExceptionData, MessageId } from '../protocol/envelope/index.js';
import { OutcomeUnknownError, RequestFailedError } from './errors.js';

/** What waits for answers to one request. */
export interface Asker {
  readonly event: string;
  item(data: unknown): void;
  /** The reply, or the end of the stream. */
  done(data: unknown): void;
  failed(error: Error): void;
}

/** A message of the server. */
export interface ServerMessage {
  readonly event: string;
  readonly id?: MessageId;
  readonly data?: unknown;
  readonly more?: boolean;
  readonly channel?: string;
  readonly cursor?: string;
}

interface Open {
  readonly asker: Asker;
  /** Its place among the messages of the session; undefined while it waits for a connection. */
  number: number | undefined;
  /** Its answer, or a part of it, may be among what was lost. */
  isDoubtful: boolean;
}

/** The number of a message that has no place among those of the session. */
export const UNCOUNTED = 0;

/** The requests that were not answered yet. */
export class OpenRequests {
  private readonly open = new Map<MessageId, Open>();
  private lastId = 0;
  /** The newest request that was made before this connection. */
  private lastBefore = 0;
  private readonly strays = new Set<MessageId>();

  get nextId(): number {
    return this.lastId + 1;
  }

  add(asker: Asker): number {
    this.open.set(++this.lastId, { asker, number: undefined, isDoubtful: false });
    return this.lastId;
  }

  connected(): void {
    this.lastBefore = this.lastId;
    this.strays.clear();
  }

  /**
   * Whether the server has to be told that nobody wants the items under this id: it was given up while there
   * was no connection. True once for each.
   */
  isStray(id: MessageId): boolean {
    if (typeof id !== 'number' || id > this.lastBefore || this.strays.has(id)) return false;
    this.strays.add(id);
    return true;
  }

  /** @param number its place among the messages of the session */
  sent(id: MessageId, number: number): void {
    const request = this.open.get(id);
    if (request) request.number = number;
  }

  /** @returns whether the server has, or may have, got it */
  forget(id: MessageId): boolean {
    const request = this.open.get(id);
    this.open.delete(id);
    return request?.number !== undefined;
  }

  /** @returns the number of the message that this answers; undefined when it is no answer of ours */
  answer({ id, event, data, more }: ServerMessage): number | undefined {
    const request = id === undefined ? undefined : this.open.get(id);
    if (id === undefined || request === undefined) return undefined;
    if (more) request.asker.item(data);
    else {
      this.open.delete(id);
      if (event === 'exception')
        request.asker.failed(new RequestFailedError(request.asker.event, (data ?? {}) as ExceptionData));
      else request.asker.done(data);
    }
    return request.number;
  }

  /** The session is gone: nobody will answer what was sent. */
  loseSent(): void {
    for (const [id, { asker, number }] of [...this.open]) {
      if (number === undefined) continue;
      this.open.delete(id);
      asker.failed(new OutcomeUnknownError(asker.event));
    }
  }

  get hasDoubtful(): boolean {
    return [...this.open.values()].some(({ isDoubtful }) => isDoubtful);
  }

  /** @param received messages that the server had got when it lost some of its own */
  doubt(received: number): void {
    for (const request of this.open.values()) {
      if (request.number !== undefined && request.number <= received) request.isDoubtful = true;
    }
  }

  /** Nothing that was kept answered them. @returns their ids */
  loseDoubtful(): MessageId[] {
    const lost = [...this.open].filter(([, { isDoubtful }]) => isDoubtful);
    for (const [id, { asker }] of lost) {
      this.open.delete(id);
      asker.failed(new OutcomeUnknownError(asker.event));
    }
    return lost.map(([id]) => id);
  }

  failAll(error: Error): void {
    const open = [...this.open.values()];
    this.open.clear();
    for (const { asker } of open) asker.failed(error);
  }
}
