import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    // Beside the compiled server, which serves it.
    outDir: '../../dist-sample/page',
    emptyOutDir: true,
    target: 'baseline-widely-available',
    // The package says of itself that importing its files has no effect; for those of the page this is not so.
    rolldownOptions: { treeshake: { moduleSideEffects: [{ test: /\/sample\/page\//, sideEffects: true }] } },
  },
});
