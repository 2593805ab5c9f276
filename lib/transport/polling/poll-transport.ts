/**
 * Carries a session by polls (WIRE §6): messages wait here until the client asks for them.
 *
 * Theory of operation. What is sent queues up. A poll takes the queue as a *batch*, which is kept, and given
 * again, until a later poll names it: an answer may get lost. A poll that finds nothing waits as long as it is
 * willing to; the messages of one tick then leave together. There is one poll at a time: a second one ends the
 * first. A client that stays away too long is gone.
 *
 * A poll that is here has room for half a batch: the other half is left to what is published meanwhile. Who had
 * to wait for this client is told so as soon as the poll comes that names the last batch, and before it is
 * answered: else what is sent then would miss a short poll, which comes again only after its interval, and no
 * answer would carry more than the high-water mark.
 */
import type { Outgoing, SessionTransport, TransportEvents, TransportKind } from '../../session/index.js';
import { type Farewell, farewell } from '../farewell.js';
import { ReadingGate } from '../reading-gate.js';
import { textOf } from '../text-of.js';

export interface PollBatch {
  readonly batch: number;
  /** Each a JSON text. */
  readonly messages: readonly string[];
  /** When the client is to come back, if the last of them says that it is to. */
  readonly retryMs?: number | undefined;
}

export interface Poll {
  /** How long it waits for news, in milliseconds; 0: it does not. */
  readonly waitMs: number;
  /** The last batch that the client got. */
  readonly ack: number | undefined;
  /** Called once, with what is new; undefined: nothing. */
  answer(batch: PollBatch | undefined): void;
}

export interface PollLimits {
  /** Bytes in one batch, at most; a single message may have more. */
  readonly batchBytes: number;
  /** How long a client may stay away between two polls; three times its last interval, if that is longer. */
  readonly absenceMs: number;
  /** How long a closed session waits for the poll that takes the news. */
  readonly closeWaitMs: number;
}

export type PollingKind = Extract<TransportKind, 'long-polling' | 'short-polling'>;

interface Queued {
  readonly text: string;
  readonly bytes: number;
}

interface Given {
  readonly batch: PollBatch;
  readonly bytes: number;
}

const INTERVALS = 3;
const LONGEST_ABSENCE_MS = 300_000;

export class PollTransport implements SessionTransport {
  readonly gate = new ReadingGate();
  private queue: Queued[] = [];
  private queueBytes = 0;
  private given: Given | undefined;
  private batches = 0;
  private poll: Poll | undefined;
  /** Of the poll that waits; of the client that is away. */
  private timer: NodeJS.Timeout | undefined;
  private answeredAt: number | undefined;
  private isFlushing = false;
  private ending: Farewell | undefined;
  private isOver = false;

  constructor(
    readonly kind: PollingKind,
    private readonly events: TransportEvents,
    private readonly limits: PollLimits,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.await(limits.absenceMs);
  }

  get queuedBytes(): number {
    const room = this.poll ? this.limits.batchBytes / 2 : 0;
    return Math.max(0, this.queueBytes + (this.given?.bytes ?? 0) - room);
  }

  send(message: Outgoing): void {
    if (this.ending || this.isOver) return;
    const text = textOf(message);
    const bytes = Buffer.byteLength(text);
    this.queue.push({ text, bytes });
    this.queueBytes += bytes;
    this.flushSoon();
  }

  /** What is sent in the same turn goes along. */
  private flushSoon(): void {
    if (this.isFlushing) return;
    this.isFlushing = true;
    queueMicrotask(() => {
      this.isFlushing = false;
      // a short poll is answered when its time is over, which is at the end of the turn
      if (this.poll && this.poll.waitMs > 0 && this.queue.length > 0) this.answer(this.take());
    });
  }

  /** Asks for what is new. An earlier poll that still waits is answered with nothing. */
  receive(poll: Poll): void {
    this.answer(undefined);
    if (this.isOver) return poll.answer(undefined);
    const sinceMs = this.answeredAt === undefined ? 0 : this.now() - this.answeredAt;
    const hasTaken = this.given !== undefined && this.given.batch.batch === poll.ack;
    if (hasTaken) this.given = undefined;
    this.poll = poll;
    this.arm(poll.waitMs, () => this.answer(this.next(), sinceMs));
    if (hasTaken && !this.ending) this.drained();
    else if (this.given || this.queue.length > 0 || poll.waitMs === 0) this.answer(this.next(), sinceMs);
  }

  private drained(): void {
    if (this.queuedBytes === 0) this.events.drained();
    if (this.queue.length > 0) this.flushSoon();
  }

  /** The client does not wait for the answer any more. */
  giveUp(poll: Poll): void {
    if (this.poll !== poll || this.isOver) return;
    this.poll = undefined;
    this.await(this.limits.absenceMs);
  }

  /** What a poll is answered with; undefined: there is nothing. */
  private next(): PollBatch | undefined {
    return this.given?.batch ?? (this.queue.length > 0 ? this.take() : undefined);
  }

  private take(): PollBatch {
    let count = 0;
    let bytes = 0;
    for (const next of this.queue) {
      if (count > 0 && bytes + next.bytes > this.limits.batchBytes) break;
      bytes += next.bytes;
      count++;
    }
    const messages = this.queue.splice(0, count).map(({ text }) => text);
    this.queueBytes -= bytes;
    const retryMs = this.queue.length === 0 ? this.ending?.retryMs : undefined;
    const batch = { batch: ++this.batches, messages, retryMs };
    this.given = { batch, bytes };
    return batch;
  }

  /** @param intervalMs how long the client had stayed away before this poll */
  private answer(batch: PollBatch | undefined, intervalMs = 0): void {
    const { poll } = this;
    if (!poll) return;
    this.poll = undefined;
    this.answeredAt = this.now();
    this.await(Math.min(Math.max(this.limits.absenceMs, INTERVALS * intervalMs), LONGEST_ABSENCE_MS));
    poll.answer(batch);
    if (this.ending && this.queue.length === 0) this.over(this.ending.code, this.ending.reason, true);
  }

  /** The client is away. One that was told to close has less time to come for the rest. */
  private await(ms: number): void {
    const { ending } = this;
    if (ending) this.arm(this.limits.closeWaitMs, () => this.over(ending.code, ending.reason, false));
    else this.arm(ms, () => this.over(1006, '', false));
  }

  private arm(ms: number, then: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(then, ms);
  }

  pause(): void {
    this.gate.close();
  }

  resume(): void {
    this.gate.open();
  }

  close(code: number, reason: string): void {
    const last = farewell(code, reason);
    if (this.ending || this.isOver) return;
    this.send(last.text);
    this.ending = last;
    if (!this.poll) this.await(0);
  }

  cutOff(code: number, reason: string): void {
    this.queue = [];
    this.queueBytes = 0;
    this.given = undefined;
    this.close(code, reason);
  }

  terminate(): void {
    this.over(1006, '', false);
  }

  /** The client says goodbye. */
  leave(): void {
    this.over(1000, '', true);
  }

  private over(code: number, reason: string, clean: boolean): void {
    if (this.isOver) return;
    this.isOver = true;
    this.gate.open();
    this.answer(undefined);
    clearTimeout(this.timer);
    this.queue = [];
    this.queueBytes = 0;
    this.given = undefined;
    this.events.closed(code, reason, clean);
  }
}
