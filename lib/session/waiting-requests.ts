import type { OpenRequest } from './open-request.js';

/** Whom the queue asks to stop reading, and to go on. */
export interface ReadControl {
  pauseReading(): void;
  resumeReading(): void;
}

/** Messages that wait for a slot, in order. Above `limitBytes` reading stops, below half of it it goes on. */
export class WaitingRequests {
  private readonly queue: OpenRequest[] = [];
  private bytes = 0;
  private paused = false;

  constructor(
    private readonly limitBytes: number,
    private readonly reading: ReadControl,
  ) {}

  get isEmpty(): boolean {
    return this.queue.length === 0;
  }

  add(request: OpenRequest): void {
    this.queue.push(request);
    this.bytes += request.bytes;
    if (this.paused || this.bytes <= this.limitBytes) return;
    this.paused = true;
    this.reading.pauseReading();
  }

  take(): OpenRequest | undefined {
    const request = this.queue.shift();
    if (request === undefined) return undefined;
    this.bytes -= request.bytes;
    if (this.paused && this.bytes < this.limitBytes / 2) {
      this.paused = false;
      this.reading.resumeReading();
    }
    return request;
  }
}
