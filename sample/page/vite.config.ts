import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    // Beside the compiled server, which serves it.
    outDir: '../../dist-sample/page',
    emptyOutDir: true,
    target: 'baseline-widely-available',
  },
});
