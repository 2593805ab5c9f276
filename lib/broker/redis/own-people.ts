/**
 * What this process says of its people in one channel, and that Redis knows it.
 *
 * Theory of operation. `wanted` is what should be known there. A call sends what changed since the last one; one
 * at a time, so that they don't overtake each other, and what changes meanwhile goes with the next. After a call
 * that failed, or that found this process taken for dead, nobody knows what Redis has: then all is sent.
 */
import type { PresentPerson } from '../../channel/index.js';

/** The part of a call that is about people. */
export interface Statement {
  /** People listed in the channel, at most. */
  readonly size: number;
  readonly isHere: boolean;
  readonly isAll: boolean;
  readonly gone: readonly string[];
  readonly came: readonly PresentPerson[];
}

/** @returns the keys for which there was no place; undefined when all has to be told */
export type State = (statement: Statement) => Promise<readonly string[] | undefined>;

/** People for whom there was no place, tried again in one call. */
const MAX_RETRIED = 100;

export class OwnPeople {
  private readonly wanted = new Map<string, PresentPerson>();
  private changed = new Set<string>();
  private refused = new Set<string>();
  private isUnknown = true;
  private size = 0;
  private running: Promise<void> = Promise.resolve();
  private next: Promise<void> | undefined;

  constructor(private readonly state: State) {}

  get isEmpty(): boolean {
    return this.wanted.size === 0;
  }

  enter(person: PresentPerson, size: number): Promise<void> {
    this.size = size;
    this.wanted.set(person.key, person);
    this.changed.add(person.key);
    return this.sync();
  }

  leave(key: string): Promise<void> {
    if (!this.wanted.delete(key)) return Promise.resolve();
    this.refused.delete(key);
    this.changed.add(key);
    return this.sync();
  }

  leaveAll(): Promise<void> {
    this.wanted.clear();
    this.isUnknown = true;
    return this.sync();
  }

  /** Tells what is not told yet, and that this process lives. Never rejects. */
  sync(): Promise<void> {
    return (this.next ??= this.running.then(() => {
      this.next = undefined;
      return (this.running = this.run());
    }));
  }

  private async run(): Promise<void> {
    try {
      if (!(await this.tell())) {
        this.isUnknown = true;
        await this.tell();
      }
    } catch {
      this.isUnknown = true; // until the next time
    }
  }

  private async tell(): Promise<boolean> {
    const isAll = this.isUnknown;
    const keys = isAll
      ? [...this.wanted.keys()]
      : [...this.changed, ...[...this.refused].slice(0, MAX_RETRIED)];
    this.changed = new Set();
    const came = [...new Set(keys)].flatMap((key) => this.wanted.get(key) ?? []);
    const gone = keys.filter((key) => !this.wanted.has(key));
    const listed = came.slice(0, this.size);
    const refused = await this.state({ size: this.size, isHere: !this.isEmpty, isAll, gone, came: listed });
    if (!refused) return false;
    this.note(listed, [...refused, ...came.slice(this.size).map(({ key }) => key)]);
    this.isUnknown = false;
    return true;
  }

  private note(told: readonly PresentPerson[], refused: readonly string[]): void {
    for (const { key } of told) this.refused.delete(key);
    for (const key of refused) if (this.wanted.has(key)) this.refused.add(key);
  }
}
