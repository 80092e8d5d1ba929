/**
 * Every npm script, and what it runs. `entry` is TypeScript run directly by the bundled Node;
 * `script` is one of the launcher's own steps. `builds` are made first when they are out of date.
 */
export const targets = {
  start: { entry: 'tools/start/main.ts', builds: ['renderer', 'widget', 'core'] },
  relay: { entry: 'src-relay/main.ts', builds: ['widget'] },
  liendesk: { entry: 'tools/liendesk/main.ts' },
  'console:headless': { entry: 'src-main/host-headless/main.ts' },
  simulate: { entry: 'tests/simulation/main.ts' },
  faults: { entry: 'tests/faults/main.ts' },
  replay: { entry: 'tools/replay/main.ts' },
  'stand-ins': { entry: 'tools/stand-ins/main.ts' },
  bench: { entry: 'bench/main.ts', builds: ['renderer', 'widget', 'core'] },
  docs: { entry: 'tools/generate-docs/main.ts' },
  test: { script: 'test.mjs' },
  check: { script: 'check.mjs' },
  verify: { script: 'verify.mjs' },
  package: { script: 'package.mjs' },
  build: { script: 'build.mjs' },
  lint: { script: 'lint.mjs' },
  format: { script: 'format.mjs' },
};
