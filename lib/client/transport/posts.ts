/**
 * The way up over HTTP (WIRE §6): messages go out in batches, one POST at a time, numbered, so that one whose
 * answer was lost is sent again without being run twice.
 */
import type { Encoded } from '../../protocol/codec/index.js';
import { backOffMs } from '../back-off.js';
import { toBase64 } from '../base64.js';
import { pause } from '../pause.js';
import { HttpRefusal, type HttpSession } from './http-session.js';

/** How often a batch is sent before the connection counts as lost. */
const MAX_TRIES = 4;
const RETRY = { minMs: 200, maxMs: 2_000 };
const MAX_BATCH = 100;
/** A server's limit is usually four times as much. */
const MAX_BATCH_CHARS = 65_536;
const TOO_LARGE = 413;

export class Posts {
  private waiting: string[] = [];
  private seq = 0;
  private maxBatch = MAX_BATCH;
  private isPosting = false;
  private isOver = false;

  /** @param failed the way up is blocked; called once */
  constructor(
    private readonly session: HttpSession,
    private readonly failed: (error: unknown) => void,
  ) {}

  send(message: Encoded): void {
    this.waiting.push(textOf(message));
    if (!this.isPosting && !this.isOver) void this.post();
  }

  stop(): void {
    this.isOver = true;
    this.waiting = [];
  }

  private async post(): Promise<void> {
    this.isPosting = true;
    // what is sent in the same turn goes along
    await Promise.resolve();
    while (this.waiting.length > 0 && !this.isOver) await this.postBatch(this.takeBatch());
    this.isPosting = false;
  }

  private takeBatch(): string[] {
    let count = 0;
    let chars = 0;
    for (const { length } of this.waiting) {
      if (count === this.maxBatch || (count > 0 && chars + length > MAX_BATCH_CHARS)) break;
      chars += length;
      count++;
    }
    return this.waiting.splice(0, count);
  }

  private async postBatch(batch: readonly string[]): Promise<void> {
    try {
      await this.deliver(`{"seq":${this.seq + 1},"messages":[${batch.join(',')}]}`);
      this.seq++;
    } catch (error) {
      if (this.isOver) return;
      if (batch.length > 1 && error instanceof HttpRefusal && error.status === TOO_LARGE) this.split(batch);
      else this.fail(error);
    }
  }

  /** Together they were too much for the server, which has taken none. */
  private split(batch: readonly string[]): void {
    this.maxBatch = Math.ceil(batch.length / 2);
    this.waiting.unshift(...batch);
  }

  private fail(error: unknown): void {
    this.stop();
    this.failed(error);
  }

  /** @throws HttpRefusal, or what `fetch` threw in the last try */
  private async deliver(body: string): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.session.post(body);
      } catch (error) {
        if (this.isOver || tries === MAX_TRIES || isFinal(error)) throw error;
        await pause(backOffMs(tries, RETRY, Math.random));
      }
    }
  }
}

/** Bytes as JSON carries them. */
function textOf(message: Encoded): string {
  return typeof message === 'string' ? message : `{"base64":"${toBase64(message)}"}`;
}

/** Asking again would not change it, or not so soon. */
function isFinal(error: unknown): boolean {
  return error instanceof HttpRefusal && (error.status < 500 || error.retryMs > 0);
}
