import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TimerWheel, type WheelMember } from '../../../lib/transport/websocket/timer-wheel.js';

const TURN_MS = 100;
let wheel: TimerWheel;
let log: string[];

beforeEach(() => {
  jest.useFakeTimers();
  wheel = new TimerWheel(TURN_MS, 8);
  log = [];
});

afterEach(() => {
  jest.useRealTimers();
});

const member = (name: string, due: () => number): WheelMember => ({
  slot: undefined,
  due() {
    log.push(name);
    return due();
  },
});

const turn = (count = 1): void => jest.advanceTimersByTime(count * TURN_MS);

describe('a timer wheel', () => {
  it('comes to a member after the turns it asked for, again and again', () => {
    wheel.add(
      member('a', () => 3),
      2,
    );
    const seen = Array.from({ length: 9 }, () => {
      turn();
      return log.length;
    });
    expect(seen).toEqual([0, 1, 1, 1, 2, 2, 2, 3, 3]);
  });

  it('comes to a member that asks for all turns there are, when these are over', () => {
    wheel.add(
      member('a', () => 8),
      8,
    );
    turn(7);
    expect(log).toEqual([]);
    turn();
    expect(log).toEqual(['a']);
    turn(8);
    expect(log).toEqual(['a', 'a']);
  });

  it('comes to all that are due in one turn', () => {
    for (const name of ['a', 'b', 'c']) {
      wheel.add(
        member(name, () => 1),
        1,
      );
    }
    turn();
    expect(log).toEqual(['a', 'b', 'c']);
  });

  it('leaves one out that was removed, also by another of the same turn', () => {
    const gone = member('gone', () => 1);
    wheel.add(
      member('a', () => {
        wheel.remove(gone);
        return 1;
      }),
      1,
    );
    wheel.add(gone, 1);
    turn(2);
    expect(log).toEqual(['a', 'a']);
  });

  it('forgets one that asks for no more, or removes itself', () => {
    wheel.add(
      member('a', () => 0),
      1,
    );
    const self = member('self', () => {
      wheel.remove(self);
      return 1;
    });
    wheel.add(self, 1);
    turn(20);
    expect(log).toEqual(['a', 'self']);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('has one timer while there are members', () => {
    expect(jest.getTimerCount()).toBe(0);
    const members = ['a', 'b'].map((name) => member(name, () => 1));
    for (const one of members) wheel.add(one, 1);
    expect(jest.getTimerCount()).toBe(1);
    wheel.remove(members[0]!);
    wheel.remove(members[0]!);
    expect(jest.getTimerCount()).toBe(1);
    wheel.remove(members[1]!);
    expect(jest.getTimerCount()).toBe(0);
  });
});
