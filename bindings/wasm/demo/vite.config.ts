// Builds the page into dist/: files that any web server can serve, wherever they are put.

import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

/** Nothing runs and nothing is loaded but what the page brings along; nothing is sent anywhere. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "worker-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const policy: Plugin = {
  name: 'policy',
  apply: 'build',
  transformIndexHtml: () => [
    { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY }, injectTo: 'head-prepend' },
  ],
};

/** The package as `cargo xtask wasm` builds it. */
export const heijunka = fileURLToPath(new URL('../pkg/web.js', import.meta.url));

export default defineConfig({
  base: './',
  publicDir: false,
  plugins: [policy],
  resolve: { alias: { heijunka } },
  worker: { format: 'es' },
  server: { host: '127.0.0.1', fs: { allow: ['../../..'] } },
  preview: { host: '127.0.0.1' },
  // The policy lets no script in the page's text, so nothing is put there.
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, outDir: 'dist' },
});
