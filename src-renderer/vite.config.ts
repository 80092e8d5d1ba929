import path from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const projectRoot = path.resolve(import.meta.dirname, '..');

/**
 * The console's window. Relative addresses, so that the same files work from a file in Electron and from a server;
 * no inline scripts and nothing as a data URL, so that a policy of `script-src 'self'` holds.
 */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  publicDir: false,
  cacheDir: path.join(projectRoot, '.cache', 'vite', 'renderer'),
  plugins: [react()],
  // The original writes a <style> element; see the comment in the file that stands in for it.
  resolve: { alias: { 'react-remove-scroll': path.join(import.meta.dirname, 'components', 'remove-scroll.tsx') } },
  build: {
    outDir: path.join(projectRoot, 'dist', 'renderer'),
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: true,
    // Read from this machine, never over a network: one file is the fastest.
    chunkSizeWarningLimit: 2000,
  },
});
