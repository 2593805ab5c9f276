import { randomBytes } from 'node:crypto';
import type { BrokerPublication, HistoryBounds, Position, Replay } from '../../channel/index.js';

interface Kept extends BrokerPublication {
  readonly position: Position;
  readonly at: number;
  readonly bytes: number;
  readonly id: string | undefined;
}

const EPOCH_BYTES = 9;

/** The publications that one channel keeps, under one epoch. */
export class MemoryHistory {
  private readonly epoch = randomBytes(EPOCH_BYTES).toString('base64url');
  private kept: Kept[] = [];
  private readonly byId = new Map<string, Position>();
  private bytes = 0;
  private top = 0;
  private ageMs = Number.POSITIVE_INFINITY;
  /** When it was last written or read. */
  usedAt: number;

  /** @param now milliseconds on a clock that never jumps */
  constructor(private readonly now: () => number) {
    this.usedAt = now();
  }

  get isEmpty(): boolean {
    this.dropExpired();
    return this.kept.length === 0;
  }

  /** Where a publication with this id stands, if it is kept. */
  find(id: string): Position | undefined {
    return this.byId.get(id);
  }

  append(body: string, bounds: HistoryBounds, id?: string): Position {
    const position = { epoch: this.epoch, offset: ++this.top };
    const bytes = Buffer.byteLength(body);
    this.usedAt = this.now();
    this.kept.push({ body, position, at: this.usedAt, bytes, id });
    if (id !== undefined) this.byId.set(id, position);
    this.bytes += bytes;
    this.ageMs = bounds.ageMs;
    while (this.kept.length > bounds.size || (this.bytes > bounds.bytes && this.kept.length > 1)) this.drop();
    return position;
  }

  private drop(): void {
    const { bytes, id } = this.kept.shift()!;
    this.bytes -= bytes;
    if (id !== undefined) this.byId.delete(id);
  }

  private dropExpired(): void {
    const oldest = this.now() - this.ageMs;
    while (this.kept.length > 0 && this.kept[0]!.at < oldest) this.drop();
  }

  after(position: Position | undefined): Replay {
    this.dropExpired();
    this.usedAt = this.now();
    const top = { epoch: this.epoch, offset: this.top };
    const first = this.top - this.kept.length; // what was dropped ends here
    const from = position === undefined ? first : position.offset;
    const recovered =
      position === undefined || (position.epoch === this.epoch && from >= first && from <= this.top);
    return { recovered, publications: recovered ? this.kept.slice(from - first) : [], position: top };
  }
}
