import type { Fault } from '../fault.js';
import { seconds } from '../stage.js';

export const resetStorm: Fault = {
  name: 'reset storm',
  recipe: 'two of three connections get a TCP reset, three times',
  gaps: 'none',
  async run(stage) {
    for (let i = 0; i < 3; i++) {
      for (const link of stage.someLinks(2 / 3)) link.reset();
      await seconds(0.5);
    }
  },
};
