import type { ClientMessage } from '../protocol/envelope/index.js';
import type { MessageHandler } from './message-handler.js';

/** A message that could not be answered at once: it waits for its turn, runs, or streams. */
export class OpenRequest {
  /** Nobody wants the answer any more. */
  cancelled = false;
  /** It runs, and its result is not there yet. */
  holdsSlot = false;
  /** Its result is a stream. */
  isStreaming = false;
  private controller: AbortController | undefined = undefined;

  /** @param bytes what it weighs while it waits */
  constructor(
    readonly handler: MessageHandler,
    readonly message: ClientMessage,
    readonly bytes: number,
  ) {}

  /** Made when it is asked for: few handlers want it. */
  get signal(): AbortSignal {
    return (this.controller ??= new AbortController()).signal;
  }

  cancel(): void {
    this.cancelled = true;
    this.controller?.abort();
  }

  /** Whether a handler failed by doing as its signal said. */
  isAbort(error: unknown): boolean {
    const signal = this.controller?.signal;
    return signal !== undefined && signal.aborted && error === signal.reason;
  }
}
