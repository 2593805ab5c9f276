import { execFileSync } from 'node:child_process';
import type { Fault } from '../fault.js';
import { seconds } from '../stage.js';

const TABLE = 'nestwire_faults';
const LOSE = `table inet ${TABLE} {
  chain input {
    type filter hook input priority 0;
    numgen random mod 100 < 5 drop
  }
}`;

export const packetLoss: Fault = {
  name: 'packets get lost',
  recipe: '`nft`: five of a hundred packets between all that takes part, Redis too',
  gaps: 'none',
  delayS: ({ freezeS }) => freezeS,
  // in a network namespace of its own, where nobody else loses anything
  isPossible: process.env['FAULTS_NETWORK'] === 'own',
  async run(_stage, { freezeS }) {
    execFileSync('nft', ['-f', '-'], { input: LOSE });
    await seconds(freezeS);
    execFileSync('nft', ['delete', 'table', 'inet', TABLE]);
  },
};
