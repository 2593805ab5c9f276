import type { ExceptionData } from '../protocol/envelope/index.js';
import { tooManyStreams } from './exceptions.js';
import type { OpenRequest } from './open-request.js';
import type { Outbound } from './outbound.js';
import { type StreamSource, discard } from './result.js';
import { StreamAnswer } from './stream-answer.js';

/** Who is told once, when a stream is over; not when it was stopped. */
export interface StreamEnd {
  ended(): void;
  /** The client is to be told `data`. */
  refused(data: ExceptionData): void;
  /** The source failed. */
  failed(error: unknown): void;
}

/** The streams that one session has open. */
export class OpenStreams {
  private open: Map<OpenRequest, StreamAnswer> | undefined;

  constructor(
    private readonly limit: number,
    private readonly outbound: Outbound,
    private readonly report: (error: unknown, what: string) => void,
  ) {}

  start(request: OpenRequest, source: StreamSource, end: StreamEnd): void {
    if ((this.open?.size ?? 0) >= this.limit) {
      discard(source);
      return end.refused(tooManyStreams(this.limit));
    }
    const { event } = request.message;
    const over = (): void => void this.open?.delete(request);
    const answer = new StreamAnswer(request.message, source, request.handler.overflow, this.outbound, {
      streamEnded: () => (over(), end.ended()),
      streamFailed: (error) => (over(), end.failed(error)),
      teardownFailed: (error) => this.report(error, `the teardown of a stream of "${event}"`),
    });
    (this.open ??= new Map()).set(request, answer);
    answer.start();
  }

  stop(request: OpenRequest): void {
    const answer = this.open?.get(request);
    this.open?.delete(request);
    answer?.stop();
  }

  stopAll(): void {
    const open = this.open;
    this.open = undefined;
    for (const answer of open?.values() ?? []) answer.stop();
  }
}
