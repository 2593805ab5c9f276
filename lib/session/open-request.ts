import type { ClientMessage } from '../protocol/envelope/index.js';
import type { MessageHandler } from './message-handler.js';

/** A message that could not be answered at once: it waits for its turn, runs, or streams. */
export class OpenRequest {
  /** The client does not want the answer any more. */
  cancelled = false;

  /** @param bytes what it weighs while it waits */
  constructor(
    readonly handler: MessageHandler,
    readonly message: ClientMessage,
    readonly bytes: number,
  ) {}
}
