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
}

/** The requests that were not answered yet. */
export class OpenRequests {
  private readonly open = new Map<MessageId, Open>();
  private lastId = 0;

  add(asker: Asker): number {
    this.open.set(++this.lastId, { asker, number: undefined });
    return this.lastId;
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
        request.asker.failed(new RequestFailedError(request.asker.event, data as ExceptionData));
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

  failAll(error: Error): void {
    const open = [...this.open.values()];
    this.open.clear();
    for (const { asker } of open) asker.failed(error);
  }
}
