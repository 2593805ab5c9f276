/**
 * The frames that one connection has queued, as what is given to its socket: buffers, and the last frames where
 * they lie in the slab, side by side. The base of `Outbox` rather than a part of it: a connection has one object
 * less, and a broadcast one less to visit.
 */
import { MAX_SLAB_FRAME_BYTES, reserveSlab, slabBlock } from './frame-slab.js';

export const NOTHING = Buffer.alloc(0);

export abstract class FrameParts {
  /** What is queued is mostly one frame, for which an array would be made in vain. */
  private lone: Buffer | undefined;
  /** Whole frames, but for a large payload, which follows its header as a part of its own. At least two. */
  private parts: Buffer[] | undefined;
  /** Not a part yet, as more may follow side by side. */
  private slab: Buffer | undefined;
  private slabStart = 0;
  private slabEnd = 0;

  /** Where the frame of the last `reserve` goes; nothing when it has left. */
  get room(): Buffer {
    return this.slab ?? this.lone ?? this.parts?.at(-1) ?? NOTHING;
  }

  protected get hasParts(): boolean {
    return this.lone !== undefined || this.parts !== undefined;
  }

  /** @returns where in `room` there are `size` bytes for a frame */
  protected reserveRoom(size: number, mayShare: boolean): number {
    if (!mayShare || size > MAX_SLAB_FRAME_BYTES) {
      this.add(Buffer.allocUnsafe(size));
      return 0;
    }
    const at = reserveSlab(size);
    const block = slabBlock();
    if (this.slab !== block || this.slabEnd !== at) {
      this.endRange();
      this.slab = block;
      this.slabStart = at;
    }
    this.slabEnd = at + size;
    return at;
  }

  /** What lies in the slab becomes a part. */
  protected endRange(): void {
    if (this.slab === undefined) return;
    const range = this.slab.subarray(this.slabStart, this.slabEnd);
    this.slab = undefined;
    this.add(range);
  }

  protected add(part: Buffer): void {
    this.endRange();
    if (this.parts !== undefined) this.parts.push(part);
    else if (this.lone === undefined) this.lone = part;
    else {
      this.parts = [this.lone, part];
      this.lone = undefined;
    }
  }

  /** Takes the parts out, when they are no more than one. */
  protected takeLone(): Buffer | undefined {
    const { lone } = this;
    this.lone = undefined;
    return lone;
  }

  protected takeParts(): Buffer[] {
    const parts = this.parts ?? (this.lone === undefined ? [] : [this.lone]);
    this.lone = this.parts = undefined;
    return parts;
  }

  /** What was taken out, and none added since. */
  protected putBack(parts: Buffer[]): void {
    if (parts.length === 1) this.lone = parts[0];
    else if (parts.length > 1) this.parts = parts;
  }

  protected forget(): void {
    this.lone = this.parts = this.slab = undefined;
  }
}
