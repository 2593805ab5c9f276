// Prints, as JSON, the client as a bundler for browsers makes it: { code, imports, moduleIds }.
// Usage: node bundle.mjs [script]: as a module without rxjs, or as a script that has all, under `nestwire`.
// A process of its own, since the bundler's native part does not take objects of Jest's realms.
import { build } from 'vite';

const isScript = process.argv[2] === 'script';
const [result] = await build({
  configFile: false,
  logLevel: 'silent',
  build: {
    write: false,
    minify: true,
    lib: { entry: 'lib/client/index.ts', name: 'nestwire', formats: [isScript ? 'iife' : 'es'] },
    rolldownOptions: { external: isScript ? [] : ['rxjs'] },
  },
});
const [{ code, imports, moduleIds }] = result.output;
console.log(JSON.stringify({ code, imports, moduleIds }));
