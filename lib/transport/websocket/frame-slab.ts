/**
 * Where small outgoing frames are written: one block shared by all connections, handed out front to back.
 * Frames that one connection writes in a row lie side by side, so a tick's worth of them is one range of
 * the block and leaves in one write without being copied together.
 *
 * A range keeps its block alive until the kernel took it. Blocks are therefore small, and a connection
 * whose peer doesn't keep up gets buffers of its own (see `Outbox`): it pins one block at most.
 */
const BLOCK_BYTES = 8 * 1024;

/** Frames of up to this many bytes are worth a copy into the block. */
export const MAX_SLAB_FRAME_BYTES = BLOCK_BYTES / 4;

let block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
let used = 0;

/** Makes room for `size` bytes and returns the position at which they go into `slabBlock()`. */
export function reserveSlab(size: number): number {
  if (used + size > BLOCK_BYTES) {
    block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    used = 0;
  }
  used += size;
  return used - size;
}

/** The block that the last `reserveSlab` was about. */
export const slabBlock = (): Buffer => block;
