import type { Fault } from '../fault.js';
import { seconds } from '../stage.js';

export const nodeCrash: Fault = {
  name: 'a node crashes',
  recipe: '`kill -9` of one of three, started again',
  gaps: 'none',
  async run(stage) {
    await stage.node(0).end('SIGKILL');
    await seconds(1);
    await stage.startAgain(0);
  },
};
