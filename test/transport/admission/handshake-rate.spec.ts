import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { HandshakeError } from '../../../lib/protocol/websocket/index.js';
import { HandshakeRate } from '../../../lib/transport/admission/handshake-rate.js';

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
});

afterEach(() => {
  jest.useRealTimers();
});

/** How many of these many handshakes are let in. */
function letIn(rate: HandshakeRate, count: number, client = 'a'): number {
  let taken = 0;
  for (let i = 0; i < count; i++) {
    try {
      rate.take(client);
      taken++;
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error;
    }
  }
  return taken;
}

describe('a rate of handshakes', () => {
  it.each([1, 3, 7, 60, 1_000])(
    'of %d lets that many in at once, and as many a second later',
    (perSecond) => {
      const rate = new HandshakeRate(perSecond);
      expect(letIn(rate, perSecond + 5)).toBe(perSecond);
      jest.advanceTimersByTime(1_000);
      expect(letIn(rate, perSecond + 5)).toBe(perSecond);
    },
  );

  it('gives its tokens one by one', () => {
    const rate = new HandshakeRate(4);
    letIn(rate, 4);
    for (let i = 0; i < 8; i++) {
      expect(letIn(rate, 3)).toBe(0);
      jest.advanceTimersByTime(250);
      expect(letIn(rate, 3)).toBe(1);
    }
  });

  it('holds for each client', () => {
    const rate = new HandshakeRate(2);
    expect([letIn(rate, 5, 'a'), letIn(rate, 5, 'b')]).toEqual([2, 2]);
  });

  it('refuses with 429 and says when to come again', () => {
    const rate = new HandshakeRate(0.1);
    rate.take('a');
    jest.advanceTimersByTime(2_500);
    expect(() => rate.take('a')).toThrow(
      expect.objectContaining({
        status: 429,
        message: 'more than 0.1 handshakes a second from this address',
        headers: { 'Retry-After': '8' },
      }),
    );
    jest.advanceTimersByTime(7_500);
    expect(() => rate.take('a')).not.toThrow();
  });

  it('of 0 lets nobody in, and of Infinity everybody, without remembering', () => {
    expect(letIn(new HandshakeRate(0), 3)).toBe(0);
    const unlimited = new HandshakeRate(Infinity);
    expect(letIn(unlimited, 100)).toBe(100);
    expect(unlimited.size).toBe(0);
  });

  it('remembers a client for a second', () => {
    const rate = new HandshakeRate(5);
    for (let i = 0; i < 100; i++) rate.take(`client ${i}`);
    expect(rate.size).toBe(100);
    jest.advanceTimersByTime(1_001);
    rate.take('another');
    expect(rate.size).toBe(1);
  });

  it('remembers no more clients than it has room for', () => {
    const rate = new HandshakeRate(1);
    for (let i = 0; i < 20_000; i++) rate.take(`client ${i}`);
    expect(rate.size).toBe(16_384);
    expect(letIn(rate, 1, 'client 19999')).toBe(0);
  });
});
