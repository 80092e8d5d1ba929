import path from 'node:path';
import { defineConfig } from 'vite';

const projectRoot = path.resolve(import.meta.dirname, '..');

/** The script a shop puts on its pages: one classic file for old browsers too, with nothing to load beside it. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  cacheDir: path.join(projectRoot, '.cache', 'vite', 'widget-loader'),
  build: {
    outDir: path.join(projectRoot, 'dist', 'widget'),
    // The frame is built into a folder below.
    emptyOutDir: false,
    target: 'es2018',
    sourcemap: false,
    lib: {
      entry: path.join(import.meta.dirname, 'loader', 'loader.ts'),
      formats: ['iife'],
      name: 'LiendeskWidget',
      fileName: () => 'widget.js',
    },
  },
});
