/**
 * The way up over HTTP (WIRE §6): messages go out in batches, one POST at a time, numbered, so that one whose
 * answer was lost is sent again without being run twice.
 */
import { backOffMs } from '../back-off.js';
import { pause } from '../pause.js';
import type { HttpSession } from './http-session.js';

/** How often a batch is sent before the connection counts as lost. */
const MAX_TRIES = 4;
const RETRY = { minMs: 200, maxMs: 2_000 };
const MAX_BATCH = 100;

export class Posts {
  private waiting: string[] = [];
  private seq = 0;
  private isPosting = false;
  private isOver = false;

  /** @param failed the way up is blocked; called once */
  constructor(
    private readonly session: HttpSession,
    private readonly failed: (status: number | undefined) => void,
  ) {}

  send(text: string): void {
    this.waiting.push(text);
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
    while (this.waiting.length > 0 && !this.isOver) {
      const batch = this.waiting.splice(0, MAX_BATCH);
      const status = await this.deliver(`{"seq":${++this.seq},"messages":[${batch.join(',')}]}`);
      if (status !== 202) this.fail(status);
    }
    this.isPosting = false;
  }

  private fail(status: number | undefined): void {
    if (this.isOver) return;
    this.stop();
    this.failed(status);
  }

  /** @returns the status; undefined when there was none for long */
  private async deliver(body: string): Promise<number | undefined> {
    for (let tries = 0; tries < MAX_TRIES && !this.isOver; tries++) {
      if (tries > 0) await pause(backOffMs(tries, RETRY, Math.random));
      const status = await this.session.post(body).catch(() => undefined);
      if (status !== undefined && status < 500) return status;
    }
    return undefined;
  }
}
