import { describe, expect, it } from '@jest/globals';
import { MemoryBroker } from '../../../lib/broker/memory/index.js';
import { describeBroker } from '../broker.contract.js';
import { describeMailboxes } from '../mailboxes.contract.js';
import { describePresence } from '../presence.contract.js';

function createWithClock(): { broker: MemoryBroker; advance: (ms: number) => Promise<void> } {
  let now = 0;
  const advance = (ms: number): Promise<void> => {
    now += ms;
    return Promise.resolve();
  };
  return { broker: new MemoryBroker(() => now), advance };
}

describeBroker('MemoryBroker', () => Promise.resolve(createWithClock()));

describeMailboxes('MemoryBroker', () => new MemoryBroker());
describePresence('MemoryBroker', () => Promise.resolve(new MemoryBroker()));

describe('MemoryBroker', () => {
  const bounds = { size: 10, bytes: 1000, ageMs: 1000 };

  it('forgets a history that is empty and that nobody used for ten minutes', async () => {
    const { broker, advance } = createWithClock();
    const before = await broker.publish('c', '1', bounds);
    await advance(601_000);
    await broker.publish('other', '1', bounds);

    expect((await broker.history('c', before)).recovered).toBe(false);
  });

  it('remembers one that is subscribed', async () => {
    const { broker, advance } = createWithClock();
    broker.subscribe('c', () => undefined);
    const before = await broker.publish('c', '1', bounds);
    await advance(601_000);
    await broker.publish('other', '1', bounds);

    expect((await broker.history('c', before)).recovered).toBe(true);
  });
});
