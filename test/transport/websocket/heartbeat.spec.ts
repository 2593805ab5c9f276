import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  type Beat,
  type Beating,
  type HeartbeatTimes,
  startBeating,
  stopBeating,
} from '../../../lib/transport/websocket/heartbeat.js';

/** The wheel turns every 100 ms with these times. */
const TIMES: HeartbeatTimes = { intervalMs: 1000, timeoutMs: 400 };

class Peer implements Beating {
  beat: Beat | undefined;
  traffic = 0;
  isReading = true;
  readonly log: string[] = [];
  /** What the peer does when pinged. */
  onPing: () => void = () => {};

  ping(): void {
    this.log.push(`ping at ${Date.now()}`);
    this.onPing();
  }

  terminate(): void {
    this.log.push(`terminated at ${Date.now()}`);
    stopBeating(this);
  }
}

let peers: Peer[];

function start(times = TIMES): Peer {
  const peer = new Peer();
  peers.push(peer);
  startBeating(peer, times);
  return peer;
}

/** A peer that answers each ping a little later. */
function startAlive(times?: HeartbeatTimes): Peer {
  const peer = start(times);
  peer.onPing = () => void setTimeout(() => peer.traffic++, 10);
  return peer;
}

beforeEach(() => {
  peers = [];
  jest.useFakeTimers({ now: 0 });
  // The first slot of the wheel
  jest.spyOn(Math, 'random').mockReturnValue(0);
});

afterEach(() => {
  for (const peer of peers) stopBeating(peer);
  jest.restoreAllMocks();
  jest.useRealTimers();
});

describe('a peer that answers', () => {
  it('is pinged once an interval', () => {
    const peer = startAlive();
    jest.advanceTimersByTime(3500);
    expect(peer.log).toEqual(['ping at 100', 'ping at 1100', 'ping at 2100', 'ping at 3100']);
  });

  it('is alive by any byte, whatever it answers to', () => {
    const peer = start();
    const talking = setInterval(() => peer.traffic++, 300);
    jest.advanceTimersByTime(5000);
    clearInterval(talking);
    expect(peer.log).toHaveLength(5);
  });

  it('may be pinged in any turn of the first interval', () => {
    jest.spyOn(Math, 'random').mockReturnValue(0.999);
    const peer = startAlive();
    jest.advanceTimersByTime(999);
    expect(peer.log).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(peer.log).toEqual(['ping at 1000']);
  });
});

describe('a peer that falls silent', () => {
  it('is given up one turn after the time-out', () => {
    const peer = start();
    jest.advanceTimersByTime(2000);
    expect(peer.log).toEqual(['ping at 100', 'terminated at 600']);
  });

  it('is spared when its bytes come in that last turn', () => {
    const peer = start();
    jest.advanceTimersByTime(550);
    peer.traffic++;
    jest.advanceTimersByTime(400);
    expect(peer.log).toEqual(['ping at 100']);
  });

  it('is not judged while it is we who don’t read', () => {
    const peer = start();
    peer.isReading = false;
    jest.advanceTimersByTime(3500);
    expect(peer.log).toHaveLength(4);
    expect(peer.log.join()).not.toContain('terminated');
  });

  it('is found where the time-out is longer than the interval, too', () => {
    const peer = start({ intervalMs: 400, timeoutMs: 1000 });
    jest.advanceTimersByTime(3000);
    expect(peer.log[0]).toContain('ping');
    expect(peer.log.at(-1)).toContain('terminated');
  });

  it('does not take others with it', () => {
    const silent = start();
    const alive = startAlive();
    jest.advanceTimersByTime(2000);
    expect(silent.log.at(-1)).toContain('terminated');
    expect(alive.log).toEqual(['ping at 100', 'ping at 1100']);
  });
});

describe('the timer', () => {
  it('is one for all with the same times, and one more for others', () => {
    for (let i = 0; i < 100; i++) start();
    expect(jest.getTimerCount()).toBe(1);
    start({ intervalMs: 2000, timeoutMs: 400 });
    expect(jest.getTimerCount()).toBe(2);
  });

  it('stops with the last connection, and starts again with the next', () => {
    const [first, second] = [start(), start()];
    stopBeating(first);
    expect(jest.getTimerCount()).toBe(1);
    stopBeating(second);
    stopBeating(second);
    expect(jest.getTimerCount()).toBe(0);
    const third = startAlive();
    jest.advanceTimersByTime(1000);
    expect(third.log).toHaveLength(1);
  });

  it('is there for connections that end while it turns', () => {
    const [first, second] = [start(), start()];
    first.onPing = () => stopBeating(second);
    jest.advanceTimersByTime(100);
    expect(first.log).toEqual(['ping at 100']);
    jest.advanceTimersByTime(2000);
    expect(second.log).toEqual([]);
    expect(first.log.at(-1)).toBe('terminated at 600');
  });

  it('forgets a connection that ends by its own ping', () => {
    const peer = start();
    peer.onPing = () => stopBeating(peer);
    jest.advanceTimersByTime(3000);
    expect(peer.log).toEqual(['ping at 100']);
    expect(jest.getTimerCount()).toBe(0);
  });
});
