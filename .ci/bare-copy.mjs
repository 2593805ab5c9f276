// A copy of the project in which nothing optional is installed, and what of the tests can run there.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const IMPORT = /(?:from|import)\s*\(?\s*'([^']+)'/g;

/** Makes the copy. @returns its folder, for the caller to remove, and the packages that are not there */
export function makeBareCopy(root) {
  const copy = mkdtempSync(join(tmpdir(), 'nestwire-bare-'));
  const { stdout } = run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], root);
  for (const file of stdout.split('\0').filter((name) => name && existsSync(join(root, name)))) {
    cpSync(join(root, file), join(copy, file));
  }
  run('npm', ['ci', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'], copy);
  for (const folder of toolBinaries(root)) {
    cpSync(join(root, folder), join(copy, folder), { recursive: true });
  }
  const absent = optionalPeers(copy);
  for (const name of absent) rmSync(join(copy, 'node_modules', name), { recursive: true, force: true });
  return { copy, absent };
}

/** Compilers that the tests run with come as optional packages, one a platform: those stay. */
function toolBinaries(root) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(packages)
    .filter(([folder, about]) => about.optional && about.cpu && existsSync(join(root, folder)))
    .map(([folder]) => folder);
}

/** Optional peers of ours, and packages that can't do without one of those. */
function optionalPeers(root) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const meta = Object.entries(manifest.peerDependenciesMeta ?? {});
  const absent = new Set(meta.filter(([, about]) => about.optional).map(([name]) => name));
  for (const name of Object.keys(manifest.devDependencies)) {
    const path = join(root, 'node_modules', name, 'package.json');
    const peers = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
    const isNeeded = (peer) => !peers.peerDependenciesMeta?.[peer]?.optional;
    if (Object.keys(peers.peerDependencies ?? {}).some((peer) => absent.has(peer) && isNeeded(peer))) {
      absent.add(name);
    }
  }
  return [...absent];
}

/** Whether a spec, or a file that it imports, imports one of these packages. */
export function needs(file, packages, seen = new Set()) {
  if (seen.has(file) || !existsSync(file)) return false;
  seen.add(file);
  const imported = [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(([, name]) => name);
  return imported.some((name) =>
    name.startsWith('.')
      ? needs(resolve(dirname(file), name.replace(/\.js$/, '.ts')), packages, seen)
      : packages.some((one) => name === one || name.startsWith(`${one}/`)),
  );
}

function run(command, args, cwd) {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${result.stderr}`);
  return result;
}
