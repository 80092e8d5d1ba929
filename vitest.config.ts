import { defineConfig } from 'vitest/config';

const everywhere = ['**/node_modules/**', '**/dist/**', '.cache/**'];
const codeFolders = '{shared,src-relay,src-main,src-renderer,src-widget,tools}';

/**
 * When a wait is given up, on a machine however slow or busy: no assertion of speed. A test has a limit of its own only
 * where it needs more.
 */
const limits = { testTimeout: 300_000, hookTimeout: 300_000, expect: { poll: { timeout: 60_000 } } };

/** `npm test` runs all but `long` and `packaging`, which belong to `npm run verify`. */
export default defineConfig({
  test: {
    passWithNoTests: true,
    projects: [
      {
        test: {
          name: 'unit',
          include: [`${codeFolders}/**/*.test.ts`, 'bench/**/*.test.ts', 'tests/fakes/**/*.test.ts'],
          exclude: everywhere,
          environment: 'node',
          ...limits,
        },
      },
      {
        oxc: { jsx: { runtime: 'automatic', importSource: 'react' } },
        test: {
          name: 'renderer',
          include: ['src-renderer/**/*.test.tsx'],
          exclude: everywhere,
          environment: 'jsdom',
          setupFiles: ['tests/fakes/renderer-setup.ts'],
          ...limits,
        },
      },
      {
        oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
        test: {
          name: 'widget',
          include: ['src-widget/**/*.test.tsx'],
          exclude: everywhere,
          environment: 'jsdom',
          ...limits,
        },
      },
      ...['contract', 'architecture'].map((name) => ({
        test: { name, include: [`tests/${name}/**/*.test.ts`], environment: 'node' as const, ...limits },
      })),
      ...['simulation', 'faults', 'long', 'packaging'].map((name) => ({
        test: {
          name,
          include: [`tests/${name}/**/*.test.ts`],
          environment: 'node' as const,
          ...limits,
          // These run for a while by themselves.
          testTimeout: 1_800_000,
        },
      })),
    ],
  },
});
