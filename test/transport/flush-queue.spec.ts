import { describe, expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { flushSoon } from '../../lib/transport/flush-queue.js';

describe('the flush queue', () => {
  it('flushes all who asked, in order, when the tick ends', async () => {
    const flushed: string[] = [];
    for (const name of ['a', 'b', 'c']) flushSoon({ flush: () => void flushed.push(name) });
    expect(flushed).toEqual([]);
    await turn();
    expect(flushed).toEqual(['a', 'b', 'c']);
  });

  it('flushes before I/O goes on', async () => {
    const order: string[] = [];
    const ioNext = new Promise<void>((resolve) =>
      setImmediate(() => {
        order.push('I/O');
        resolve();
      }),
    );
    flushSoon({ flush: () => void order.push('flush') });
    await ioNext;
    expect(order).toEqual(['flush', 'I/O']);
  });

  it('flushes each once, tick after tick', async () => {
    let count = 0;
    const outbox = {
      flush() {
        count++;
      },
    };
    for (let tick = 1; tick <= 3; tick++) {
      flushSoon(outbox);
      await turn();
      expect(count).toBe(tick);
    }
  });

  it('flushes who asks while others are flushed, without waiting for a later tick', async () => {
    const flushed: string[] = [];
    const second = { flush: () => void flushed.push('second') };
    flushSoon({
      flush() {
        flushed.push('first');
        flushSoon(second);
      },
    });
    await turn();
    expect(flushed).toEqual(['first', 'second']);
  });
});
