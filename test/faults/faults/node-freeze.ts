import type { Fault } from '../fault.js';
import { seconds } from '../stage.js';

export const nodeFreeze: Fault = {
  name: 'a node freezes',
  recipe: '`SIGSTOP`, then `SIGCONT`',
  gaps: 'none',
  delayS: ({ freezeS }) => freezeS,
  async run(stage, { freezeS }) {
    stage.node(1).signal('SIGSTOP');
    await seconds(freezeS);
    stage.node(1).signal('SIGCONT');
  },
};
