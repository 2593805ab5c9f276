import type { Fault } from '../fault.js';
import { seconds } from '../stage.js';

export const halfOpen: Fault = {
  name: 'half-open connections',
  recipe: 'a third of the connections loses everything, each way, without an end',
  gaps: 'none',
  delayS: ({ freezeS }) => freezeS,
  async run(stage, { freezeS }) {
    for (const link of stage.someLinks(1 / 3)) link.mute();
    await seconds(freezeS);
  },
};
