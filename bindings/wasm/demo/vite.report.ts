// Builds the script of the report into the Python package, where it is committed: the wheel is built without Node.

import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

// The project indents with spaces.
const spaces: Plugin = {
  name: 'spaces',
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type === 'chunk') file.code = file.code.replace(/^\t+/gm, (tabs) => '  '.repeat(tabs.length));
    }
  },
};

export default defineConfig({
  plugins: [spaces],
  publicDir: false,
  resolve: { alias: { uplot: fileURLToPath(new URL('src/report/uplot.ts', import.meta.url)) } },
  build: {
    // `npm run report -- --outDir FOLDER` puts it elsewhere, to be compared.
    outDir: '../../../python/heijunka/report/assets',
    emptyOutDir: false,
    minify: false,
    target: 'es2022',
    lib: { entry: 'src/report/main.ts', formats: ['iife'], name: 'heijunkaReport', fileName: () => 'report.js' },
    rolldownOptions: {
      output: {
        banner: '// Built from bindings/wasm/demo/src/report by `npm run report`: change it there.',
        intro: "'use strict';",
      },
    },
  },
});
