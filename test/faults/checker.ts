/**
 * Judges what a run has written down against the promise: an acknowledged publication is received in order and
 * once, or covered by a gap that the client was told.
 *
 * Theory of operation. A reader's log begins where it is known to stand. From there each publication has to
 * follow the one before it by one; whatever does not needs a gap that says where it goes on. So every hole shows,
 * of publications that nobody acknowledged too. Beside that each acknowledgement is looked up in each log of its
 * channel, by itself, and no position may ever name two publications.
 */

export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/** What a publisher was told: this stands there. */
export interface Acknowledgement extends Position {
  readonly channel: string;
  readonly id: number;
}

/** A publication that came, or without an id a gap: what follows comes after this position, if it was told. */
export type LogEntry = readonly [id: number | null, epoch?: string | undefined, offset?: number];

export interface ReaderLog {
  readonly reader: string;
  readonly channel: string;
  /** Up to where everything was received when the run began. */
  readonly start: Position;
  readonly entries: readonly LogEntry[];
}

/** `lost`: acknowledged, and neither received nor in a gap. `hole`: skipped without a word. */
type ViolationKind = 'lost' | 'hole' | 'twice' | 'backwards' | 'reused';

export interface Verdict {
  readonly violations: Readonly<Record<ViolationKind, number>>;
  /** The first of each kind. */
  readonly examples: readonly string[];
  readonly received: number;
  readonly gaps: number;
  /** Times an acknowledged publication was not received by a reader that was told a gap instead. */
  readonly covered: number;
}

export const isKept = ({ violations }: Verdict): boolean =>
  Object.values(violations).every((count) => count === 0);

/** @param acknowledged since the logs begin */
export function check(acknowledged: readonly Acknowledgement[], logs: readonly ReaderLog[]): Verdict {
  const book = new Book();
  for (const { channel, id, ...position } of acknowledged) book.name(channel, position, id);
  for (const log of logs) readLog(log, acknowledged, book);
  return book;
}

class Book implements Verdict {
  readonly violations = { lost: 0, hole: 0, twice: 0, backwards: 0, reused: 0 };
  readonly examples: string[] = [];
  received = 0;
  gaps = 0;
  covered = 0;
  private readonly names = new Map<string, number>();

  violate(kind: ViolationKind, example: () => string): void {
    if (this.violations[kind]++ === 0) this.examples.push(`${kind}: ${example()}`);
  }

  /** Whoever speaks of a position has to mean the same publication. */
  name(channel: string, { epoch, offset }: Position, id: number): void {
    const key = `${channel} ${epoch}.${offset}`;
    const before = this.names.get(key);
    if (before === undefined) this.names.set(key, id);
    else if (before !== id) this.violate('reused', () => `${key} is ${before} and ${id}`);
  }
}

function readLog(log: ReaderLog, acknowledged: readonly Acknowledgement[], book: Book): void {
  const way = new Way(log, book);
  for (const [id, epoch, offset] of log.entries) {
    const position = epoch === undefined ? undefined : { epoch, offset: offset! };
    if (id === null) way.gap(position);
    else way.receive(id, position!);
  }
  for (const ack of acknowledged) if (ack.channel === log.channel) way.account(ack);
}

/** One reader's way through its channel. */
class Way {
  private readonly received = new Set<string>();
  private readonly told = new Gaps();
  /** Undefined after a gap that did not say where it ends. */
  private last: Position | undefined;

  constructor(
    private readonly log: ReaderLog,
    private readonly book: Book,
  ) {
    this.last = log.start;
  }

  receive(id: number, position: Position): void {
    const { book, last, log } = this;
    const key = `${position.epoch}.${position.offset}`;
    const example = (): string => `${log.reader} got ${key} after ${last?.epoch}.${last?.offset}`;
    book.received++;
    book.name(log.channel, position, id);
    if (this.received.has(key)) book.violate('twice', example);
    else if (last && isBefore(position, last)) book.violate('backwards', example);
    else if (last && !isNext(position, last)) book.violate('hole', example);
    else if (!last) this.told.endAt(position);
    this.received.add(key);
    this.last = position;
  }

  gap(position: Position | undefined): void {
    this.book.gaps++;
    this.told.add(this.last, position);
    this.last = position;
  }

  account({ epoch, offset, id }: Acknowledgement): void {
    if (this.received.has(`${epoch}.${offset}`)) return;
    if (this.told.cover({ epoch, offset })) this.book.covered++;
    else this.book.violate('lost', () => `${this.log.reader} never got ${id} at ${epoch}.${offset}`);
  }
}

const isBefore = (a: Position, b: Position): boolean => a.epoch === b.epoch && a.offset <= b.offset;
const isNext = (a: Position, b: Position): boolean => a.epoch === b.epoch && a.offset === b.offset + 1;

/** What one reader was told to be missing. */
class Gaps {
  private readonly ranges = new Map<string, [after: number, to: number][]>();
  private readonly visited = new Set<string>();
  private hasCrossed = false;

  add(from: Position | undefined, to: Position | undefined): void {
    if (from && from.epoch === to?.epoch) return this.put(from.epoch, from.offset, to.offset);
    this.hasCrossed = true;
    if (from) this.put(from.epoch, from.offset, Number.POSITIVE_INFINITY);
    if (to) this.put(to.epoch, 0, to.offset);
  }

  /** The first publication after a gap without an end. */
  endAt({ epoch, offset }: Position): void {
    this.put(epoch, 0, offset - 1);
  }

  private put(epoch: string, after: number, to: number): void {
    this.visited.add(epoch);
    this.ranges.set(epoch, [...(this.ranges.get(epoch) ?? []), [after, to]]);
  }

  /** Epochs that came and went during a gap are covered by it. */
  cover({ epoch, offset }: Position): boolean {
    if (!this.visited.has(epoch)) return this.hasCrossed;
    return this.ranges.get(epoch)!.some(([after, to]) => offset > after && offset <= to);
  }
}
