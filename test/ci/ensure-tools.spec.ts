import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { TOOLS } from '../../.ci/system-tools.mjs';

const SCRIPT = fileURLToPath(new URL('../../.ci/ensure-tools.mjs', import.meta.url));

/** In an environment where only what is named can be found, apt-get included. */
function run(env: NodeJS.ProcessEnv) {
  return spawnSync(process.execPath, [SCRIPT], { env, encoding: 'utf8' });
}

describe('ensure-tools', () => {
  it('is content with programs that variables name', () => {
    const env: NodeJS.ProcessEnv = { PATH: '' };
    for (const { variable } of Object.values(TOOLS)) env[variable] = process.execPath;
    expect(run(env)).toMatchObject({ status: 0, stderr: '' });
  });

  it.each(['chromium', 'redis-server'])(
    'says how to get %s when it is missing and may not be installed',
    (tool) => {
      const { status, stderr } = run({ PATH: '' });
      expect(status).toBe(1);
      expect(stderr).toContain(`sudo apt-get update && sudo apt-get install -y ${tool}`);
    },
  );

  it('does not fall back to another when CHROMIUM_PATH names nothing that runs', () => {
    const { status, stderr } = run({ PATH: '', CHROMIUM_PATH: '/no/such/browser' });
    expect(status).toBe(1);
    expect(stderr).toContain('CHROMIUM_PATH is set to /no/such/browser, which cannot be run');
  });
});
