import type { Fault } from '../fault.js';
import { seconds } from '../stage.js';

export const noFault: Fault = {
  name: 'none',
  recipe: 'nothing happens, to compare with',
  gaps: 'none',
  run: (_stage, { freezeS }) => seconds(freezeS),
};
