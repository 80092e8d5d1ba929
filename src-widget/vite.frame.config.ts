import path from 'node:path';
import { defineConfig } from 'vite';

const projectRoot = path.resolve(import.meta.dirname, '..');

/** The page inside the widget's frame, served by the relay. */
export default defineConfig({
  root: path.join(import.meta.dirname, 'frame'),
  base: './',
  publicDir: false,
  cacheDir: path.join(projectRoot, '.cache', 'vite', 'widget-frame'),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: path.join(projectRoot, 'dist', 'widget', 'frame'),
    emptyOutDir: true,
    target: 'es2020',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
});
