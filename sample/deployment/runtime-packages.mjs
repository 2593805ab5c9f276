/**
 * Makes dependencies of the development dependencies that the sample's server runs with, in the package.json of
 * a container that is being built, so that `npm prune --omit=dev` leaves them there, in their locked versions.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const NEEDED = [
  '@msgpack/msgpack',
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/platform-express',
  'ioredis',
  'lib0',
  'reflect-metadata',
  'rxjs',
  'yjs',
  'zod',
];

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
for (const name of NEEDED) {
  manifest.dependencies[name] = manifest.devDependencies[name];
  delete manifest.devDependencies[name];
}
writeFileSync('package.json', `${JSON.stringify(manifest, undefined, 2)}\n`);
