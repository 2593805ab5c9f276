/** What one session's messages are answered with. Counts the bad ones among them. */
import { type Encoded, encodeException } from '../protocol/codec/index.js';
import type { ClientMessage, ExceptionData, MessageId } from '../protocol/envelope/index.js';
import { VALIDATION_FAILED, notEncodable } from './exceptions.js';
import type { SessionHost } from './message-handler.js';
import type { Outbound } from './outbound.js';

export interface AnswersOwner {
  /** As many messages as allowed were bad, one after another. */
  tooManyBadMessages(): void;
}

export class Answers {
  private badInARow = 0;

  constructor(
    private readonly outbound: Outbound,
    private readonly host: Pick<SessionHost, 'codec' | 'limits' | 'report'>,
    private readonly owner: AnswersOwner,
  ) {}

  /**
   * Without an id a value goes out as a message, and nothing as nothing.
   * @throws what the codec throws
   */
  reply({ event, id }: ClientMessage, value: unknown): void {
    this.badInARow = 0;
    if (id === undefined && value === undefined) return;
    this.outbound.send(this.host.codec.encode({ event, id, data: value }));
  }

  exception(id: MessageId | undefined, data: ExceptionData): void {
    if (data.code === VALIDATION_FAILED) return this.refuse(id, data);
    this.badInARow = 0;
    this.sendException(id, data);
  }

  private sendException(id: MessageId | undefined, data: ExceptionData): void {
    const message = this.encode(id, data);
    if (message !== undefined) this.outbound.send(message);
  }

  /**
   * What an application says of a failure may be nothing that can be encoded; the client has to be told all the
   * same. Only here is it known by which codec: each can write what others cannot.
   */
  private encode(id: MessageId | undefined, data: ExceptionData): Encoded | undefined {
    const { codec } = this.host;
    try {
      return encodeException(codec, id, data);
    } catch (error) {
      this.host.report(error, 'telling a client of an exception');
      return encodeException(codec, id, notEncodable('an exception', codec.name));
    }
  }

  /** The exception for a bad message: not understood, unknown, or refused by its schema. */
  refuse(id: MessageId | undefined, data: ExceptionData): void {
    this.sendException(id, data);
    if (++this.badInARow >= this.host.limits.badMessages) this.owner.tooManyBadMessages();
  }
}
