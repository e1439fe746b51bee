// Builds the tests, which are TypeScript, into what Node runs.

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  publicDir: false,
  ssr: { external: ['playwright-core', 'axe-core', 'vite'] },
  build: {
    ssr: true,
    outDir: 'dist-tests',
    target: 'node20',
    minify: false,
    rolldownOptions: {
      input: {
        unit: fileURLToPath(new URL('tests/unit/all.ts', import.meta.url)),
        measure: fileURLToPath(new URL('tests/browser/measure.ts', import.meta.url)),
        browser: fileURLToPath(new URL('tests/browser/all.ts', import.meta.url)),
      },
    },
  },
});
