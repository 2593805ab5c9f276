// Installs Nest 11 where the tests look for it, unless it is there as its lock file says.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../test/nest-11/', import.meta.url));

if (!isInstalled()) {
  // in the folder: npm reads the settings of the one that it runs in
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit' });
  if (status !== 0) console.error('The tests need Nest 11. Run: cd test/nest-11 && npm ci');
  process.exitCode = status ?? 1;
}

function isInstalled() {
  const installed = packagesIn('node_modules/.package-lock.json');
  const wanted = Object.entries(packagesIn('package-lock.json')).filter(([path]) => path !== '');
  return wanted.every(([path, { version, optional }]) => optional || installed[path]?.version === version);
}

function packagesIn(file) {
  return existsSync(folder + file) ? JSON.parse(readFileSync(folder + file, 'utf8')).packages : {};
}
