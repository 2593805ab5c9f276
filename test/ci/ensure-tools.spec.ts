import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const SCRIPT = fileURLToPath(new URL('../../.ci/ensure-tools.mjs', import.meta.url));

/** In an environment where only what is named can be found, apt-get included. */
function run(env: NodeJS.ProcessEnv) {
  return spawnSync(process.execPath, [SCRIPT], { env, encoding: 'utf8' });
}

describe('ensure-tools', () => {
  it('is content with a Chromium that CHROMIUM_PATH names', () => {
    expect(run({ PATH: '', CHROMIUM_PATH: process.execPath })).toMatchObject({ status: 0, stderr: '' });
  });

  it('fails with the command to run when there is none and it may not install', () => {
    const { status, stderr } = run({ PATH: '' });
    expect(status).toBe(1);
    expect(stderr).toContain('sudo apt-get update && sudo apt-get install -y chromium');
  });

  it('does not fall back to another when CHROMIUM_PATH names nothing that runs', () => {
    const { status, stderr } = run({ PATH: '', CHROMIUM_PATH: '/no/such/browser' });
    expect(status).toBe(1);
    expect(stderr).toContain('CHROMIUM_PATH is set to /no/such/browser, which cannot be run');
  });
});
