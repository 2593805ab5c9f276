import { fileURLToPath } from 'node:url';
import type { Consumer } from './consumer.js';
import { run } from './run.js';

const BUNDLE = fileURLToPath(new URL('./bundle-for-browser.mjs', import.meta.url));

/** The modules that a bundler for browsers puts together for an import of `imported` in an application. */
export async function moduleGraph(consumer: Consumer, imported: string): Promise<string[]> {
  const entry = await consumer.write('browser-entry.js', `export * from '${imported}';`);
  return JSON.parse(await run(process.execPath, [BUNDLE, entry], import.meta.dirname)) as string[];
}
