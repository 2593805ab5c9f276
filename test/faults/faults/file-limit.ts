import { execFileSync } from 'node:child_process';
import type { Fault } from '../fault.js';
import { seconds } from '../stage.js';

/** Of what is open beyond the limit nothing is closed. */
const NOTHING_MORE = '1';

export const fileLimit: Fault = {
  name: 'a node runs out of files',
  recipe:
    '`prlimit --nofile=1`: one node can open nothing more, while two of three connections get a TCP reset',
  gaps: 'none',
  delayS: ({ freezeS }) => freezeS,
  async run(stage, { freezeS }) {
    const pid = `${stage.node(1).pid}`;
    const usual = prlimit('--pid', pid, '--nofile', '--output', 'SOFT', '--noheadings').trim();
    prlimit('--pid', pid, `--nofile=${NOTHING_MORE}:`);
    for (const link of stage.someLinks(2 / 3)) link.reset();
    await seconds(freezeS);
    prlimit('--pid', pid, `--nofile=${usual}:`);
  },
};

const prlimit = (...args: string[]): string => execFileSync('prlimit', args, { encoding: 'utf8' });
