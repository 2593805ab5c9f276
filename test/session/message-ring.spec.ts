import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MessageRing } from '../../lib/session/message-ring.js';

describe('a ring of messages', () => {
  it('keeps the last ones, whatever is added and acknowledged', () => {
    const step = fc.oneof(
      fc.record({ add: fc.string({ maxLength: 30 }) }),
      fc.record({ acknowledge: fc.nat(60) }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(step, { maxLength: 60 }), (size, steps) => {
        const ring = new MessageRing(size, 60);
        const all: string[] = [];
        let first = 0; // index of the oldest that is kept
        for (const it of steps) {
          if ('add' in it) {
            all.push(it.add);
            ring.add(it.add);
            const bytes = (): number => all.slice(first).join('').length;
            while (all.length - first > size || bytes() > 60) first++;
          } else {
            ring.acknowledge(it.acknowledge);
            first = Math.max(first, Math.min(it.acknowledge, all.length));
          }
          expect([...ring.kept()]).toEqual(all.slice(first));
          expect(ring.sent).toBe(all.length);
          expect(ring.bytes).toBe(all.slice(first).join('').length);
          expect(ring.missedAfter(0)).toBe(first);
        }
      }),
    );
  });
});
