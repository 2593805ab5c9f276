import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { BrokerPresence, PresenceChange, PresenceState } from '../../../lib/channel/index.js';
import { PresenceView } from '../../../lib/channel/presence/presence-view.js';

/** A broker whose changes get lost, and whose answers wait, when a test says so. */
class UnsteadyPresence {
  reads: ((state: PresenceState | Error) => void)[] = [];
  isWatched = false;
  changed: (change: PresenceChange) => void = () => undefined;
  lost: () => void = () => undefined;

  readonly port: BrokerPresence = {
    enter: () => Promise.resolve(),
    leave: () => Promise.resolve(),
    read: () =>
      new Promise((resolve, reject) =>
        this.reads.push((state) => (state instanceof Error ? reject(state) : resolve(state))),
      ),
    watch: (_channel, changed, lost) => {
      Object.assign(this, { changed, lost, isWatched: true });
      return { ready: Promise.resolve(), close: () => (this.isWatched = false) };
    },
  };

  async answer(offset: number, ...keys: string[]): Promise<void> {
    await jest.advanceTimersByTimeAsync(0);
    const people = keys.map((key) => ({ key, info: null }));
    this.reads.shift()!({ people, position: { epoch: 'e', offset } });
    await jest.advanceTimersByTimeAsync(0);
  }

  change(type: 'joined' | 'left', key: string, offset: number, epoch = 'e'): void {
    this.changed({ type, person: { key, info: null }, position: { epoch, offset } });
  }
}

describe('a view of who is in a channel', () => {
  let broker: UnsteadyPresence;
  let view: PresenceView;
  let told: string[];
  const listener = jest.fn<Parameters<PresenceView['add']>[0]>();

  beforeEach(() => {
    jest.useFakeTimers();
    broker = new UnsteadyPresence();
    view = new PresenceView('c', broker.port);
    told = [];
    listener.mockImplementation((event) => {
      const people = event.type === 'present' ? event.people : [event.person];
      told.push(`${event.type} ${people.map(({ key }) => key).join()}`);
    });
    view.add(listener);
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('applies what changed while it read, but for what the answer contained', async () => {
    broker.change('joined', 'a', 1);
    broker.change('joined', 'b', 2);
    broker.change('left', 'a', 3);
    await broker.answer(2, 'a', 'b');

    expect(told).toEqual(['present a,b', 'left a']);
  });

  it('reads again when a change is missing, or the epoch is another, and tells the difference', async () => {
    await broker.answer(1, 'a', 'b');
    broker.change('joined', 'd', 4);
    await broker.answer(4, 'b', 'c', 'd');
    expect(told.splice(0)).toEqual(['present a,b', 'left a', 'joined c', 'joined d']);

    broker.change('joined', 'e', 5, 'another');
    await broker.answer(9, 'd');
    expect(told).toEqual(['left b', 'left c']);
  });

  it('reads again when the broker says that changes were lost, and until it can be read', async () => {
    await broker.answer(1, 'a');
    broker.lost();
    await jest.advanceTimersByTimeAsync(0);
    broker.reads.shift()!(new Error('away'));
    await jest.advanceTimersByTimeAsync(1_000);
    await broker.answer(7);

    expect(told).toEqual(['present a', 'left a']);
  });

  it('forgets a flood of changes while it reads, and reads again', async () => {
    await jest.advanceTimersByTimeAsync(0);
    for (let offset = 1; offset <= 1_001; offset++) broker.change('joined', `${offset}`, offset);
    await broker.answer(0);
    expect(told).toEqual([]);
    await broker.answer(1_001, 'all');

    expect(told).toEqual(['present all']);
  });

  it('tells who is there to one who comes later, and watches as long as somebody listens', async () => {
    await broker.answer(1, 'a');
    const later = jest.fn();
    view.add(later);
    expect(later).toHaveBeenCalledWith({ type: 'present', people: [{ key: 'a', info: null }] });

    view.remove(later);
    expect(broker.isWatched).toBe(true);
    view.remove(listener);
    expect(broker.isWatched).toBe(false);
  });
});
