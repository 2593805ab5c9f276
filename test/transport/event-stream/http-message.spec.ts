import { describe, expect, it } from '@jest/globals';
import { mergeVary } from '../../../lib/transport/event-stream/index.js';

describe('the fields that an answer depends on', () => {
  it.each([
    [undefined, 'Accept, Prefer'],
    ['Origin', 'Origin, Accept, Prefer'],
    ['origin,accept', 'origin, accept, Prefer'],
    [['Origin', 'Cookie'], 'Origin, Cookie, Accept, Prefer'],
    ['*', '*'],
  ])('beside %s are %s', (present, merged) => {
    expect(mergeVary(present, ['Accept', 'Prefer'])).toBe(merged);
  });
});
