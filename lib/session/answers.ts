/** What one session's messages are answered with. Counts the bad ones among them. */
import {
  type ClientMessage,
  type ExceptionData,
  type MessageId,
  encodeException,
  encodeMessage,
} from '../protocol/envelope/index.js';
import { VALIDATION_FAILED } from './exceptions.js';
import type { Outbound } from './outbound.js';

export interface AnswersOwner {
  /** As many messages as allowed were bad, one after another. */
  tooManyBadMessages(): void;
}

export class Answers {
  private badInARow = 0;

  constructor(
    private readonly outbound: Outbound,
    private readonly maxBad: number,
    private readonly owner: AnswersOwner,
  ) {}

  /**
   * Without an id a value goes out as a message, and nothing as nothing.
   * @throws what `JSON.stringify` throws
   */
  reply({ event, id }: ClientMessage, value: unknown): void {
    this.badInARow = 0;
    if (id !== undefined || value !== undefined) this.outbound.send(encodeMessage(event, id, value));
  }

  exception(id: MessageId | undefined, data: ExceptionData): void {
    if (data.code === VALIDATION_FAILED) return this.refuse(id, data);
    this.badInARow = 0;
    this.outbound.send(encodeException(id, data));
  }

  /** The exception for a bad message: not understood, unknown, or refused by its schema. */
  refuse(id: MessageId | undefined, data: ExceptionData): void {
    this.outbound.send(encodeException(id, data));
    if (++this.badInARow >= this.maxBad) this.owner.tooManyBadMessages();
  }
}
