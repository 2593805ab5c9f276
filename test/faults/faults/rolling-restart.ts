import type { Fault } from '../fault.js';

export const rollingRestart: Fault = {
  name: 'rolling restart',
  recipe: '`SIGTERM` to one after another, started again',
  gaps: 'none',
  async run(stage) {
    for (let i = 0; i < stage.nodeCount; i++) {
      const ended = await stage.node(i).end('SIGTERM');
      if (ended !== 'SIGTERM') throw new Error(`node ${i} ended with ${ended}`);
      await stage.startAgain(i);
    }
  },
};
