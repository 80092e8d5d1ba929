import path from 'node:path';
import { type Plugin, defineConfig } from 'vite';

/** One bundle: its folder in `dist`, and what it has to have files of its own for. */
interface Bundle {
  folder: string;
  entries: Record<string, string>;
  format: 'es' | 'cjs';
}

/**
 * Bundles processes, so that they start as JavaScript and a package carries no node_modules but the database. The core
 * is one bundle for every host that has it in a process of its own: of hundreds of modules, each of its three threads
 * would keep more (decision 0019). What else runs on Node alone needs none of this; Node runs its sources.
 * A file that is started by its path (a process, a worker) needs an entry here. The preload is one CommonJS file, because
 * a sandboxed one cannot be a module.
 */
const bundles: Record<string, Bundle> = {
  core: {
    folder: 'core',
    entries: { core: 'src-main/core/main.ts', 'core-worker': 'src-main/core/worker/main.ts' },
    format: 'es',
  },
  electron: { folder: 'electron', entries: { main: 'src-main/host-electron/main.ts' }, format: 'es' },
  preload: { folder: 'electron', entries: { preload: 'src-main/host-electron/preload.ts' }, format: 'cjs' },
};

const projectRoot = import.meta.dirname;

/** V8 keeps the text of what it runs, in each thread, and with two bytes a character as soon as one needs two. */
const inOneByte: Plugin = {
  name: 'in-one-byte',
  generateBundle(_options, files) {
    for (const file of Object.values(files)) {
      if (file.type !== 'chunk') continue;
      // Behind a backslash, what it is replaced by would be something else.
      if (/(?<!\\)(?:\\\\)*\\[^\0-\u007f]/.test(file.code))
        this.error(`${file.fileName} escapes a character that is not ASCII`);
      const escape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
      file.code = file.code.replaceAll(/[^\0-\u007f]/g, escape);
    }
  },
};

export default defineConfig(({ mode }) => {
  const bundle = bundles[mode];
  if (bundle === undefined) throw new Error(`--mode takes one of ${Object.keys(bundles).join(', ')}.`);
  const { folder, entries, format } = bundle;
  const extension = format === 'cjs' ? 'cjs' : 'js';
  return {
    root: projectRoot,
    publicDir: false as const,
    plugins: [inOneByte],
    cacheDir: path.join(projectRoot, '.cache', 'vite', folder),
    ssr: { noExternal: true as const, external: ['electron', 'better-sqlite3'] },
    build: {
      ssr: true,
      outDir: path.join(projectRoot, 'dist', folder),
      // Two bundles may share a folder.
      emptyOutDir: false,
      target: 'node24',
      // So that an error’s stack and a profile can be read; the lines also say which source they are of.
      minify: false,
      sourcemap: false,
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, path.join(projectRoot, file)])),
        output: {
          format,
          entryFileNames: `[name].${extension}`,
          chunkFileNames: `chunks/${mode}-[name].${extension}`,
        },
      },
    },
  };
});
