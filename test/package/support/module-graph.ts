import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run.js';

const BUNDLE = fileURLToPath(new URL('./bundle-for-browser.mjs', import.meta.url));

/** The other modules that a bundler for browsers puts together with one. */
export async function moduleGraph(entry: string): Promise<string[]> {
  return JSON.parse(await run(process.execPath, [BUNDLE, entry], dirname(entry))) as string[];
}
