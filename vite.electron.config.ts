import path from 'node:path';
import { defineConfig } from 'vite';

/**
 * Bundles what runs on Node inside Electron, so that it starts as JavaScript and a package carries no node_modules
 * but the database. The other hosts and the relay need none of this in development: Node runs their sources.
 * A file that is started by its path (a process, a worker) needs an entry here.
 *
 * `--mode preload` makes one CommonJS file, because a sandboxed preload cannot be a module.
 */
const entries: Record<string, Record<string, string>> = {
  processes: {
    main: 'src-main/host-electron/main.ts',
    core: 'src-main/core/main.ts',
    'core-worker': 'src-main/core/worker/main.ts',
  },
  preload: { preload: 'src-main/host-electron/preload.ts' },
};

const projectRoot = import.meta.dirname;

export default defineConfig(({ mode }) => {
  const chosen = Object.entries(entries[mode] ?? {});
  const extension = mode === 'preload' ? 'cjs' : 'js';
  return {
    root: projectRoot,
    publicDir: false as const,
    cacheDir: path.join(projectRoot, '.cache', 'vite', 'electron'),
    ssr: { noExternal: true as const, external: ['electron', 'better-sqlite3'] },
    build: {
      ssr: true,
      outDir: path.join(projectRoot, 'dist', 'electron'),
      // Two builds share the folder.
      emptyOutDir: false,
      target: 'node24',
      minify: false,
      sourcemap: false,
      rolldownOptions: {
        input: Object.fromEntries(chosen.map(([name, file]) => [name, path.join(projectRoot, file)])),
        output: {
          format: mode === 'preload' ? ('cjs' as const) : ('es' as const),
          entryFileNames: `[name].${extension}`,
          chunkFileNames: `chunks/${mode}-[name].${extension}`,
        },
      },
    },
  };
});
