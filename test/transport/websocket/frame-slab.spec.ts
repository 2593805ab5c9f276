import { describe, expect, it } from '@jest/globals';
import { MAX_SLAB_FRAME_BYTES, reserveSlab, slabBlock } from '../../../lib/transport/websocket/frame-slab.js';

describe('the slab', () => {
  it('hands out room front to back, side by side', () => {
    reserveSlab(MAX_SLAB_FRAME_BYTES);
    const places = [3, 5, 7].map((size) => ({ at: reserveSlab(size), block: slabBlock(), size }));
    for (const [i, place] of places.entries()) {
      const next = places[i + 1];
      if (next?.block === place.block) expect(next.at).toBe(place.at + place.size);
    }
  });

  it('never hands out the same room twice', () => {
    const taken = new Map<Buffer, number>();
    for (let i = 0; i < 2000; i++) {
      const size = 1 + ((i * 37) % MAX_SLAB_FRAME_BYTES);
      const at = reserveSlab(size);
      const block = slabBlock();
      expect(at).toBeGreaterThanOrEqual(taken.get(block) ?? 0);
      expect(at + size).toBeLessThanOrEqual(block.length);
      taken.set(block, at + size);
    }
  });

  it('goes on in a new block where the old has no room left', () => {
    const before = slabBlock();
    const blocks = Array.from({ length: 5 }, () => (reserveSlab(MAX_SLAB_FRAME_BYTES), slabBlock()));
    expect(blocks.at(-1)).not.toBe(before);
    expect(new Set(blocks).size).toBe(2);
  });

  it('has small blocks: one is all that a slow connection keeps alive', () => {
    reserveSlab(1);
    expect(slabBlock().buffer.byteLength).toBe(8 * 1024);
    expect(MAX_SLAB_FRAME_BYTES).toBe(2 * 1024);
  });
});
