// Prints, as JSON, the modules that a bundler for browsers puts together from an entry.
// Usage: node bundle-for-browser.mjs <path of the entry>
// A process of its own, since the bundler's native part does not take objects of Jest's realms.
import { dirname } from 'node:path';
import { build } from 'vite';

const entry = process.argv[2];
const modules = [];

await build({
  root: dirname(entry),
  configFile: false,
  logLevel: 'silent',
  build: { write: false, lib: { entry, formats: ['es'] } },
  plugins: [{ name: 'collect-modules', moduleParsed: ({ id }) => void modules.push(id) }],
});
console.log(JSON.stringify(modules.filter((id) => id !== entry)));
