import type { Fault } from '../fault.js';
import { seconds } from '../stage.js';

export const redisFreeze: Fault = {
  name: 'Redis freezes',
  recipe: '`SIGSTOP`, then `SIGCONT`',
  gaps: 'none',
  delayS: ({ freezeS }) => freezeS,
  async run({ redis }, { freezeS }) {
    redis.freeze();
    await seconds(freezeS);
    redis.thaw();
  },
};
