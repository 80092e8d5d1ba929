import path from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** A page for development only; it is not part of any build. */
export default defineConfig({
  root: import.meta.dirname,
  cacheDir: path.resolve(import.meta.dirname, '../../../.cache/vite/console-page'),
  plugins: [react()],
  server: { host: '127.0.0.1', port: 4690, fs: { allow: [path.resolve(import.meta.dirname, '../../..')] } },
});
