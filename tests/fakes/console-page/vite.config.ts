import path from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import rendererConfig from '../../../src-renderer/vite.config.ts';

/** A page for development only; it is not part of any build. */
export default defineConfig({
  root: import.meta.dirname,
  cacheDir: path.resolve(import.meta.dirname, '../../../.cache/vite/console-page'),
  plugins: [react()],
  resolve: rendererConfig.resolve ?? {},
  base: './',
  build: {
    outDir: path.resolve(import.meta.dirname, '../../../.cache/console-page'),
    emptyOutDir: true,
    target: 'es2023',
  },
  server: { host: '127.0.0.1', port: 4690, fs: { allow: [path.resolve(import.meta.dirname, '../../..')] } },
});
