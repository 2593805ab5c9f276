/** The streams and polls that are open now: how many there may be, of one client too, and all of them at the end. */
import { HttpException, HttpStatus, ServiceUnavailableException } from '@nestjs/common';
import type { Departing } from '../shutdown/shutdown-part.js';
import type { EventStreamSettings } from './sse-options.js';

/** Something that can be told that the server goes away. */
export interface Closable {
  shutDown(retryMs: number): void;
  /** Drops the client. */
  cutOff(): void;
}

export class OpenAnswers {
  private readonly open = new Set<Closable>();
  private readonly byAddress = new Map<string, number>();
  private reserved = 0;
  private isClosing = false;

  constructor(private readonly settings: EventStreamSettings) {}

  /**
   * Takes a place, before anything is spent.
   * @returns gives it back; again does nothing
   * @throws HttpException 503 when the process has no place or shuts down, 429 when the address has none
   */
  reserve(address: string): () => void {
    const { maxStreams, maxStreamsPerAddress } = this.settings;
    if (this.isClosing) throw new ServiceUnavailableException('the server shuts down');
    if (this.reserved >= maxStreams) {
      throw new ServiceUnavailableException(`${maxStreams} event streams are open, which is the limit`);
    }
    const ofAddress = this.byAddress.get(address) ?? 0;
    if (ofAddress >= maxStreamsPerAddress) throw tooMany(maxStreamsPerAddress);
    this.reserved++;
    this.byAddress.set(address, ofAddress + 1);
    return once(() => this.release(address));
  }

  private release(address: string): void {
    this.reserved--;
    const left = this.byAddress.get(address)! - 1;
    if (left === 0) this.byAddress.delete(address);
    else this.byAddress.set(address, left);
  }

  add(answer: Closable): void {
    this.open.add(answer);
  }

  remove(answer: Closable): void {
    this.open.delete(answer);
  }

  /** @returns who is here, to be told one by one */
  refuseNewcomers(): Departing[] {
    this.isClosing = true;
    return [...this.open].map((answer) => ({ unfinished: [], leave: () => this.tell(answer) }));
  }

  private tell(answer: Closable): Promise<void> {
    answer.shutDown(this.retryMs());
    return Promise.resolve();
  }

  /** Each another, so that they don't come back at once. */
  private retryMs(): number {
    const { retryMs } = this.settings;
    return retryMs + Math.floor(Math.random() * retryMs);
  }

  /** All were told. Those that don't take it in `waitMs` are dropped: the HTTP server waits for them. */
  told(waitMs: number): void {
    if (this.open.size > 0) setTimeout(() => this.cutOff(), waitMs).unref();
  }

  cutOff(): void {
    for (const answer of [...this.open]) answer.cutOff();
  }
}

const tooMany = (limit: number): HttpException =>
  new HttpException(
    `${limit} event streams are open from this address, which is the limit`,
    HttpStatus.TOO_MANY_REQUESTS,
  );

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) action();
    isDone = true;
  };
}
