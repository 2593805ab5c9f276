/**
 * Reads one channel's history for many at once. Clients come back in herds, after a restart or a cut of the
 * network: while one read is under way all others wait, and share the next. So a channel costs its broker one
 * read at a time, however many ask.
 */
import type { Broker, Replay } from './broker.js';
import type { Position } from './position.js';
import { openReplay } from './traced-body.js';

interface Reading {
  readonly after: Position | undefined;
  readonly resolve: (replay: Replay) => void;
  readonly reject: (error: unknown) => void;
}

export class HistoryReader {
  private waiting: Reading[] = [];
  private isReading = false;

  constructor(
    private readonly name: string,
    private readonly broker: Broker,
  ) {}

  /** As `Broker.history`. */
  read(after: Position | undefined): Promise<Replay> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ after, resolve, reject });
      if (!this.isReading) void this.work();
    });
  }

  private async work(): Promise<void> {
    this.isReading = true;
    while (this.waiting.length > 0) {
      const readings = this.waiting;
      this.waiting = [];
      await this.serve(readings).catch((error: unknown) => {
        for (const { reject } of readings) reject(error);
      });
    }
    this.isReading = false;
  }

  /** From the earliest position; when that is too early, all of the history, for the others may be in it. */
  private async serve(readings: readonly Reading[]): Promise<void> {
    const earliest = earliestOf(readings);
    let start = earliest;
    let replay = openReplay(await this.broker.history(this.name, earliest));
    if (!replay.recovered && readings.length > 1) {
      start = undefined;
      replay = openReplay(await this.broker.history(this.name, undefined));
    }
    for (const { after, resolve } of readings) resolve(after === start ? replay : part(replay, start, after));
  }
}

/** Undefined, which is before everything, also when the positions can't be compared. */
function earliestOf([first, ...others]: readonly Reading[]): Position | undefined {
  let earliest = first?.after;
  for (const { after } of others) {
    if (!earliest || earliest.epoch !== after?.epoch) return undefined;
    if (after.offset < earliest.offset) earliest = after;
  }
  return earliest;
}

/** What follows `after` in a replay that began at `start`. */
function part(replay: Replay, start: Position | undefined, after: Position | undefined): Replay {
  const { publications, position } = replay;
  if (!after) return replay;
  const begin = start?.offset ?? beginOf(replay);
  const isKnown = after.epoch === position.epoch && after.offset <= position.offset;
  if (!replay.recovered || !isKnown || after.offset < begin) {
    return { recovered: false, publications: [], position };
  }
  return { recovered: true, publications: publications.slice(after.offset - begin), position };
}

/** The offset before the first publication of a replay, or that of the newest when there is none. */
export function beginOf({ publications, position }: Replay): number {
  const first = publications[0];
  return first ? first.position.offset - 1 : position.offset;
}
