import type { Fault } from '../fault.js';
import { seconds } from '../stage.js';

export const redisOutage: Fault = {
  name: 'Redis is away',
  recipe: '`kill -9` of Redis without persistence, started again much later',
  gaps: 'must',
  delayS: ({ outageS }) => outageS,
  async run({ redis }, { outageS }) {
    await redis.kill();
    await seconds(outageS);
    await redis.run();
  },
};
