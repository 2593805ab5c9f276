import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fault } from '../fault.js';
import { type Stage, seconds } from '../stage.js';

/** Debian's package `libfaketime`, by architecture. */
const LIBRARY = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`)
  .find(existsSync);

async function restart(stage: Stage, environment?: NodeJS.ProcessEnv): Promise<void> {
  await stage.node(1).end('SIGTERM');
  await stage.startAgain(1, environment);
}

export const clockJump: Fault = {
  name: 'the clock of a node jumps',
  recipe: 'a node under `libfaketime`; its wall clock goes an hour ahead, and then an hour back',
  gaps: 'none',
  isPossible: LIBRARY !== undefined,
  async run(stage, { freezeS }) {
    const folder = await mkdtemp(join(tmpdir(), 'nestwire-clock-'));
    const clock = join(folder, 'offset');
    const setClock = (offset: string): Promise<void> => writeFile(clock, offset);
    await setClock('+0');
    await restart(stage, {
      LD_PRELOAD: LIBRARY,
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    });
    for (const offset of ['+1h', '-1h']) {
      await seconds(freezeS);
      await setClock(offset);
    }
    await seconds(freezeS);
    await restart(stage);
    await rm(folder, { recursive: true });
  },
};
