import { createRequire } from 'node:module';
import type * as Ioredis from 'ioredis';
import { InvalidRedisOptionsError } from './errors.js';

/** At the call of `redis()`, not with this module: the package is optional. */
export function loadIoredis(): typeof Ioredis {
  try {
    return createRequire(import.meta.url)('ioredis') as typeof Ioredis;
  } catch {
    throw new InvalidRedisOptionsError('redis() needs the package ioredis: npm install ioredis');
  }
}
