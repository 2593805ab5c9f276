import type { Limits } from './limits.js';
import type { OpenRequest } from './open-request.js';

/** Whom the queue asks to stop reading, and to go on. */
export interface ReadControl {
  pauseReading(): void;
  resumeReading(): void;
}

/**
 * A client that sends faster than it is served is made to wait long before it is refused: what one read of a
 * socket brings after that (64 KiB, of some 25 bytes each) still fits.
 */
const WAITING_SHARE = 1 / 4;

/**
 * Messages that wait for a slot, in order. Above `inboundBytes`, or a quarter of `openRequests`, reading stops;
 * below half of it it goes on.
 */
export class WaitingRequests {
  private readonly queue: OpenRequest[] = [];
  private bytes = 0;
  private paused = false;

  constructor(
    private readonly limits: Pick<Limits, 'inboundBytes' | 'openRequests'>,
    private readonly reading: ReadControl,
  ) {}

  get isEmpty(): boolean {
    return this.queue.length === 0;
  }

  /** Of what may wait: above 1 is too much. */
  private get load(): number {
    const { inboundBytes, openRequests } = this.limits;
    return Math.max(this.bytes / inboundBytes, this.queue.length / (openRequests * WAITING_SHARE));
  }

  add(request: OpenRequest): void {
    this.queue.push(request);
    this.bytes += request.bytes;
    if (this.paused || this.load <= 1) return;
    this.paused = true;
    this.reading.pauseReading();
  }

  take(): OpenRequest | undefined {
    const request = this.queue.shift();
    if (request === undefined) return undefined;
    this.bytes -= request.bytes;
    if (this.paused && this.load < 1 / 2) {
      this.paused = false;
      this.reading.resumeReading();
    }
    return request;
  }
}
