// Prints, as JSON, the client as a bundler for browsers makes it: { code, imports, moduleIds }.
// A process of its own, since the bundler's native part does not take objects of Jest's realms.
import { build } from 'vite';

const [result] = await build({
  configFile: false,
  logLevel: 'silent',
  build: {
    write: false,
    minify: true,
    lib: { entry: 'lib/client/index.ts', formats: ['es'] },
    rolldownOptions: { external: ['rxjs'] },
  },
});
const [{ code, imports, moduleIds }] = result.output;
console.log(JSON.stringify({ code, imports, moduleIds }));
