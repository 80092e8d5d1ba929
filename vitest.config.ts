import { defineConfig } from 'vitest/config';

const everywhere = ['**/node_modules/**', '**/dist/**', '.cache/**'];
const codeFolders = '{shared,src-relay,src-main,src-renderer,src-widget,tools}';

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
        },
      },
      {
        oxc: { jsx: { runtime: 'automatic', importSource: 'react' } },
        test: {
          name: 'renderer',
          include: ['src-renderer/**/*.test.tsx'],
          exclude: everywhere,
          environment: 'jsdom',
        },
      },
      {
        oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
        test: {
          name: 'widget',
          include: ['src-widget/**/*.test.tsx'],
          exclude: everywhere,
          environment: 'jsdom',
        },
      },
      ...['contract', 'architecture', 'simulation', 'faults', 'long', 'packaging'].map((name) => ({
        test: {
          name,
          include: [`tests/${name}/**/*.test.ts`],
          environment: 'node' as const,
          testTimeout: name === 'contract' ? 30_000 : name === 'faults' ? 240_000 : 120_000,
          hookTimeout: 60_000,
        },
      })),
    ],
  },
});
