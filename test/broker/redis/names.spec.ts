import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { keysOf, presenceKeysOf, presenceTopicOf, topicOf } from '../../../lib/broker/redis/names.js';

const namesOf = (channel: string): string[] => [
  ...keysOf('p', channel),
  ...presenceKeysOf('p', channel),
  topicOf('p', 0, channel),
  presenceTopicOf('p', 0, channel),
];

describe('names in Redis', () => {
  it('of two channels are never the same, and all of one have one hash tag', () => {
    const names = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('c}:h', '{c', 'c%007d', '{c}', ':h', 'c'),
    );
    fc.assert(
      fc.property(names, names, (a, b) => {
        fc.pre(a !== b);
        const [ofA, ofB] = [namesOf(a), namesOf(b)];
        expect(ofA.filter((name) => ofB.includes(name))).toEqual([]);
        const tags = ofA.map((name) => /\{([^}]*)\}/.exec(name)?.[1]);
        expect(new Set(tags).size).toBe(1);
        for (const name of ofA) expect(name).toMatch(/^p:(0:)?\{[^{}]*\}(:[hlipn])?$/);
      }),
    );
  });
});
