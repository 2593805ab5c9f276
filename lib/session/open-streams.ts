import type { ExceptionData } from '../protocol/envelope/index.js';
import { tooManyStreams } from './exceptions.js';
import type { SessionHost } from './message-handler.js';
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
  private readonly open = new Map<OpenRequest, StreamAnswer>();

  constructor(
    private readonly limit: number,
    private readonly outbound: Outbound,
    private readonly host: Pick<SessionHost, 'codec' | 'report'>,
  ) {}

  start(request: OpenRequest, source: StreamSource, end: StreamEnd): void {
    if (this.open.size >= this.limit) {
      discard(source);
      return end.refused(tooManyStreams(this.limit));
    }
    const { event } = request.message;
    const { codec } = this.host;
    const over = (): void => void this.open.delete(request);
    const answer = new StreamAnswer(request.message, source, request.handler.overflow, this.outbound, codec, {
      streamEnded: () => (over(), end.ended()),
      streamFailed: (error) => (over(), end.failed(error)),
      teardownFailed: (error) => this.host.report(error, `the teardown of a stream of "${event}"`),
    });
    this.open.set(request, answer);
    answer.start();
  }

  stop(request: OpenRequest): void {
    const answer = this.open.get(request);
    this.open.delete(request);
    answer?.stop();
  }

  stopAll(): void {
    const answers = [...this.open.values()];
    this.open.clear();
    for (const answer of answers) answer.stop();
  }
}
