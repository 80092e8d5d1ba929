import fs from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'vite';

/**
 * Bundles what runs on Node inside the installed console, so that the package carries no node_modules but the
 * database. In development nothing of this is used: Node runs the sources.
 *
 * `--mode preload` makes the one CommonJS file, because a sandboxed preload cannot be a module.
 */
const entries = {
  main: 'src-main/host-electron/main.ts',
  core: 'src-main/core/main.ts',
  relay: 'src-relay/main.ts',
};

const projectRoot = import.meta.dirname;
const input = Object.fromEntries(
  Object.entries(entries)
    .filter(([, file]) => fs.existsSync(path.join(projectRoot, file)))
    .map(([name, file]) => [name, path.join(projectRoot, file)]),
);

export default defineConfig(({ mode }) => {
  const isPreload = mode === 'preload';
  return {
    root: projectRoot,
    publicDir: false,
    cacheDir: path.join(projectRoot, '.cache', 'vite', 'package'),
    ssr: { noExternal: true, external: ['electron', 'better-sqlite3'] },
    build: {
      ssr: true,
      outDir: path.join(projectRoot, 'dist', 'electron'),
      emptyOutDir: !isPreload,
      target: 'node24',
      minify: false,
      sourcemap: false,
      rolldownOptions: isPreload
        ? {
            input: { preload: path.join(projectRoot, 'src-main', 'host-electron', 'preload.ts') },
            output: { format: 'cjs' as const, entryFileNames: '[name].cjs' },
          }
        : {
            input,
            output: { format: 'es' as const, entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
          },
    },
  };
});
