import type { Fault } from '../fault.js';
import type { Stage } from '../stage.js';

async function restart({ redis }: Stage): Promise<void> {
  await redis.kill();
  await redis.run();
}

export const redisRestart: Fault = {
  name: 'Redis restarts, empty',
  recipe: '`kill -9` of Redis without persistence, started again',
  gaps: 'must',
  run: restart,
};

export const redisRestartOnDisk: Fault = {
  name: 'Redis restarts, from disk',
  recipe: "`kill -9` of Redis with `appendfsync always`, started again; `durability: 'always'`",
  gaps: 'none',
  durability: 'always',
  run: restart,
};
