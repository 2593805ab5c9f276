/**
 * A copy of the project in which nothing optional is installed, and what of the tests can run there.
 *
 * It is built while all is there, as users get it: only compilers want the types of optional peers. The sample
 * uses some of those, so it is not built.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';

/** What is imported for more than its types, required, or started as a process. */
const USES = [
  /^(?:import|export) (?!type )[^;]*?from '([^']+)'/gm,
  /^import '([^']+)'/gm,
  /import\('([^']+)'\)/g,
  /createRequire\(import\.meta\.url\)\('([^']+)'\)/g,
  /new URL\('(\.[^']+)', import\.meta\.url\)/g,
];

/** They compile lib/, which has types of all peers, or run the built sample, which uses some. */
const NEEDING_ALL = [
  'test/docs/docs.spec.ts',
  'test/package/package.spec.ts',
  'test/deployment/image.spec.ts',
];

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
  run('npm', ['run', 'build'], copy);
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

/** The specs that can't run in the copy. */
export function specsThatNeed(packages, specs, copy) {
  const names = ownNames(copy);
  return specs.filter((file) => NEEDING_ALL.includes(relative(copy, file)) || needs(file, packages, names));
}

/** Whether a spec, or a file that it uses, uses one of the packages. @param names files by the names of entry points */
export function needs(file, packages, names = {}, seen = new Set()) {
  if (seen.has(file) || !existsSync(file)) return false;
  seen.add(file);
  return usedBy(file).some((name) => {
    const source = names[name] ?? (name.startsWith('.') ? sourceOf(resolve(dirname(file), name)) : undefined);
    if (source) return needs(source, packages, names, seen);
    return packages.some((one) => name === one || name.startsWith(`${one}/`));
  });
}

function usedBy(file) {
  const code = readFileSync(file, 'utf8');
  return USES.flatMap((use) => [...code.matchAll(use)].map(([, name]) => name));
}

function sourceOf(path) {
  return path.replace('/dist-sample/', '/sample/').replace(/\.js$/, '.ts');
}

/** The entry points by which the tests import what they test. */
function ownNames(copy) {
  const { compilerOptions } = JSON.parse(readFileSync(join(copy, 'tsconfig.json'), 'utf8'));
  return Object.fromEntries(
    Object.entries(compilerOptions.paths).map(([name, [path]]) => [name, join(copy, path)]),
  );
}

function run(command, args, cwd) {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${result.stderr}`);
  return result;
}
