import { describe, expect, it, jest } from '@jest/globals';
import { nextMaskKey } from '../../../lib/transport/websocket/mask-keys.js';

describe('X4: mask keys (RFC 6455 §5.3)', () => {
  const keys = Array.from({ length: 5000 }, nextMaskKey);

  it('are integers of 32 bits', () => {
    expect(keys.every((key) => Number.isInteger(key) && key === (key | 0))).toBe(true);
  });

  it('do not repeat, also beyond what is drawn at a time', () => {
    // Among 5,000 of 2^32 the chance of more than 5 equal pairs is below 10^-12
    expect(new Set(keys).size).toBeGreaterThan(4994);
  });

  it('use every bit', () => {
    for (let bit = 0; bit < 32; bit++) {
      const ones = keys.filter((key) => (key >>> bit) & 1).length;
      // Half of them, give or take fourteen standard deviations
      expect(Math.abs(ones - 2500)).toBeLessThan(500);
    }
  });

  it('are not made of Math.random, which can be foreseen', () => {
    const random = jest.spyOn(Math, 'random').mockReturnValue(0.5);
    const drawn = Array.from({ length: 5000 }, nextMaskKey);
    expect(random).not.toHaveBeenCalled();
    random.mockRestore();
    expect(new Set(drawn).size).toBeGreaterThan(4994);
  });
});
