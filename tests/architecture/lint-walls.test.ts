import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Finding, findLintErrors, plantTree, removeTree } from './planted-tree.ts';

const walls = 'liendesk(import-walls)';
const time = 'liendesk(no-ambient-time)';
const ambientProcess = 'liendesk(no-ambient-process)';
const words = 'liendesk(unused-words)';

const one = 'export const one = 1;\n';

function importing(specifier: string): string {
  return `import { one } from '${specifier}';\nexport const two = one + 1;\n`;
}

function importingType(specifier: string): string {
  return `import type { One } from '${specifier}';\nexport type Two = One | 2;\n`;
}

/** One planted violation each: what is wrong, where, the code, the rule that must report it. */
const violations: [what: string, file: string, text: string, rule: string][] = [
  // Who may import whom.
  ['primitives import the domain', 'shared/primitives/a.ts', importing('../domain/queue/queue.ts'), walls],
  ['the domain imports a protocol', 'shared/domain/agent/a.ts', importing('../../relay-protocol/frames.ts'), walls],
  ['a contract imports another', 'shared/core-api/a.ts', importingType('../relay-protocol/frames.ts'), walls],
  ['errors import the domain', 'shared/errors.ts', importing('./domain/queue/queue.ts'), walls],
  ['shared imports Node', 'shared/primitives/b.ts', "import fs from 'node:fs';\nexport default fs;\n", walls],
  ['shared imports Node without its prefix', 'shared/domain/b.ts', "import fs from 'fs';\nexport default fs;\n", walls],
  ['shared imports a server package', 'shared/domain/c.ts', "export { default } from 'fastify';\n", walls],
  ['shared imports electron', 'shared/host-api/a.ts', importingType('electron'), walls],
  ['shared imports the relay', 'shared/host-api/b.ts', importing('../../src-relay/relay.ts'), walls],
  ['the relay imports the core', 'src-relay/a.ts', importing('../src-main/core/agent-core.ts'), walls],
  ['the relay imports electron', 'src-relay/b.ts', importingType('electron'), walls],
  ['the event log imports the desk', 'src-relay/event-log/a.ts', importing('../desk/one.ts'), walls],
  ['the desk imports the gateway', 'src-relay/desk/a.ts', importingType('../gateway/one.ts'), walls],
  ['the gateway imports the desk', 'src-relay/gateway/a.ts', importing('../desk/one.ts'), walls],
  ['a channel imports the event log', 'src-relay/channels/zalo/a.ts', importing('../../event-log/one.ts'), walls],
  ['delivery imports one channel', 'src-relay/delivery/a.ts', importing('../channels/zalo/one.ts'), walls],
  ['administration imports the gateway', 'src-relay/admin/a.ts', importing('../gateway/one.ts'), walls],
  ['the widget imports the relay', 'src-widget/a.ts', importing('../src-relay/relay.ts'), walls],
  ['the widget imports Node', 'src-widget/b.ts', "import fs from 'node:fs';\nexport default fs;\n", walls],
  ['the renderer imports the core', 'src-renderer/a.ts', importing('../src-main/core/agent-core.ts'), walls],
  ['… even a type', 'src-renderer/b.ts', importingType('../src-main/core/agent-core.ts'), walls],
  [
    '… even a type in place',
    'src-renderer/c.ts',
    "export type A = import('../src-main/core/agent-core.ts').A;\n",
    walls,
  ],
  [
    'the renderer imports the relay protocol',
    'src-renderer/d.ts',
    importing('../shared/relay-protocol/frames.ts'),
    walls,
  ],
  ['the renderer imports Node', 'src-renderer/e.ts', "import path from 'node:path';\nexport default path;\n", walls],
  ['the renderer imports electron', 'src-renderer/f.ts', importingType('electron'), walls],
  ['the core imports electron', 'src-main/core/a.ts', importing('electron'), walls],
  ['… even a type', 'src-main/core/b.ts', importingType('electron'), walls],
  ['… even later', 'src-main/core/c.ts', "export const load = () => import('electron');\n", walls],
  ['… even from below', 'src-main/core/d.ts', importing('electron/main'), walls],
  ['the core imports a host', 'src-main/core/e.ts', importing('../host-headless/port.ts'), walls],
  ['a detour', 'src-main/core/f.ts', importing('../core/../host-headless/port.ts'), walls],
  ['the core imports React', 'src-main/core/g.ts', "export { useState } from 'react';\n", walls],
  ['the cache imports the outbox', 'src-main/core/cache/a.ts', importing('../outbox/one.ts'), walls],
  ['sync imports a feature', 'src-main/core/sync/a.ts', importing('../features/one.ts'), walls],
  ['sync imports search', 'src-main/core/sync/b.ts', importing('../search/one.ts'), walls],
  ['a feature imports sync', 'src-main/core/features/a.ts', importing('../sync/one.ts'), walls],
  ['a host looks inside the core', 'src-main/host-headless/a.ts', importing('../core/cache/one.ts'), walls],
  ['hosts import each other', 'src-main/host-electron/a.ts', importing('../host-loopback/port.ts'), walls],
  ['another host imports electron', 'src-main/host-loopback/a.ts', importingType('electron'), walls],
  ['tools look inside the core', 'tools/demo/a.ts', importing('../../src-main/core/cache/one.ts'), walls],
  ['tools import the relay', 'tools/demo/b.ts', importing('../../src-relay/relay.ts'), walls],
  ['product code imports a test', 'src-relay/c.ts', importing('./d.test.ts'), walls],
  ['product code imports tests', 'src-relay/d.ts', importing('../tests/fakes/one.ts'), walls],
  ['a folder without a line in the table', 'src-relay/surprise/a.ts', one, walls],
  ['a folder of the core without a line', 'src-main/core/surprise/a.ts', one, walls],
  ['a source folder without a line', 'src-surprise/a.ts', one, walls],
  ['the HTTP pieces import sign-in', 'src-relay/http/a.ts', importing('../auth/one.ts'), walls],
  ['somebody imports a main.ts', 'src-relay/e.ts', importing('./main.ts'), walls],
  ['a test imports a main.ts', 'tests/contract/a.test.ts', importing('../../src-relay/main.ts'), walls],

  // What comes from outside.
  ['the domain reads the clock', 'shared/domain/d.ts', 'export const a = () => Date.now();\n', time],
  ['… by a new date', 'shared/domain/e.ts', 'export const a = () => new Date();\n', time],
  ['… in the core', 'src-main/core/h.ts', 'export const a = () => Date.now();\n', time],
  ['the event log draws a number', 'src-relay/event-log/b.ts', 'export const a = () => Math.random();\n', time],
  ['the gateway sets a timer', 'src-relay/gateway/b.ts', 'export const a = () => setTimeout(() => {}, 1);\n', time],
  [
    '… on the global object',
    'src-relay/delivery/b.ts',
    'export const a = () => globalThis.setInterval(() => {}, 1);\n',
    time,
  ],
  [
    'the desk imports timers',
    'src-relay/desk/b.ts',
    "export { one } from './c.ts';\nimport 'node:timers/promises';\n",
    time,
  ],
  ['a module reads the environment', 'src-relay/f.ts', "export const a = () => process.env['HOME'];\n", ambientProcess],
  [
    '… by taking it apart',
    'tools/demo/c.ts',
    'const { argv } = process;\nexport const a = () => argv;\n',
    ambientProcess,
  ],
  [
    'a module imports the arguments',
    'src-main/core/i.ts',
    "import { argv } from 'node:process';\nexport const a = () => argv;\n",
    ambientProcess,
  ],
  [
    'a host reads its arguments',
    'src-main/host-loopback/b.ts',
    'export const a = () => process.argv[2];\n',
    ambientProcess,
  ],

  // Shape of the code.
  ['a cycle', 'src-relay/desk/c.ts', "import { a } from './d.ts';\nexport const one = () => a;\n", 'import(no-cycle)'],
  ['a barrel file', 'src-relay/desk/e.ts', "export * from './one.ts';\n", 'oxc(no-barrel-file)'],
  ['any', 'src-relay/desk/f.ts', 'export const a = (b: any): unknown => b;\n', 'typescript(no-explicit-any)'],
  [
    'an unwatched promise',
    'src-relay/desk/g.ts',
    'export function a(b: () => Promise<void>): void {\n  b();\n}\n',
    'typescript(no-floating-promises)',
  ],
  [
    'a forgotten case',
    'src-relay/desk/h.ts',
    "export function a(b: 'x' | 'y'): number {\n  switch (b) {\n    case 'x':\n      return 1;\n  }\n  return 2;\n}\n",
    'typescript(switch-exhaustiveness-check)',
  ],
  ['a file name in camel case', 'src-relay/desk/camelCase.ts', one, 'unicorn(filename-case)'],
  ['a file called utils', 'src-relay/desk/string-utils.ts', one, words],
  ['a folder called common', 'src-relay/desk/common/one.ts', one, words],
  ['a class called manager', 'src-relay/desk/i.ts', 'export class QueueManager {}\n', words],
  ['an I in front of an interface', 'src-relay/desk/j.ts', 'export interface IQueue {\n  name: string;\n}\n', words],
];

/** Files that the planted ones import, all of them clean. */
const surroundings = Object.fromEntries(
  [
    'shared/domain/queue/queue.ts',
    'shared/relay-protocol/frames.ts',
    'src-relay/relay.ts',
    'src-relay/main.ts',
    'src-relay/d.test.ts',
    'src-relay/desk/one.ts',
    'src-relay/event-log/one.ts',
    'src-relay/gateway/one.ts',
    'src-relay/channels/zalo/one.ts',
    'src-main/core/agent-core.ts',
    'src-main/core/cache/one.ts',
    'src-main/core/features/one.ts',
    'src-main/core/outbox/one.ts',
    'src-main/core/search/one.ts',
    'src-main/core/sync/one.ts',
    'src-main/host-headless/port.ts',
    'src-main/host-loopback/port.ts',
    'tests/fakes/one.ts',
  ].map((file) => [file, `${one}export type One = 1;\nexport type A = 1;\n`]),
);
surroundings['src-relay/desk/d.ts'] = "import { one } from './c.ts';\nexport const a = () => one;\n";

describe('every planted violation is reported', () => {
  let root = '';
  let findings: Finding[] = [];

  beforeAll(async () => {
    const planted = Object.fromEntries(violations.map(([, file, text]) => [file, text]));
    expect(Object.keys(planted)).toHaveLength(violations.length);
    root = plantTree({ ...surroundings, ...planted });
    findings = await findLintErrors(root);
  });
  afterAll(() => removeTree(root));

  test.each(violations)('%s (%s)', (_what, file, _text, rule) => {
    expect(findings.filter((finding) => finding.file === file).map((finding) => finding.rule)).toContain(rule);
  });
});

describe('what is allowed is not reported', () => {
  const allowed: Record<string, string> = {
    'shared/primitives/brand.ts': one,
    'shared/errors.ts': importing('./primitives/brand.ts'),
    'shared/domain/queue/queue.ts': `${importing('../../primitives/brand.ts')}export { z as schemas } from 'zod';\n`,
    'shared/core-api/requests.ts': importing('../domain/queue/queue.ts'),
    'src-relay/event-log/event-log.ts': importing('../../shared/errors.ts'),
    'src-relay/desk/routing.ts': importing('../event-log/event-log.ts'),
    'src-relay/channels/channel.ts':
      "import { createHash } from 'node:crypto';\nexport const one = createHash('sha256');\n",
    'src-relay/delivery/delivery.ts': importing('../channels/channel.ts'),
    'src-relay/relay.ts': importing('./desk/routing.ts'),
    'src-relay/main.ts': "export const one = process.env['HOME'] ?? process.argv[2] ?? Date.now();\n",
    'src-relay/system-clock.ts': 'export const one = () => Date.now();\n',
    'src-relay/desk/date.ts': 'export const one = (at: number) => new Date(at).getTime();\n',
    'src-main/core/system-clock.ts': 'export const one = () => setTimeout(() => {}, 1);\n',
    'src-main/core/agent-core.ts': importing('./features/snooze.ts'),
    'src-main/core/features/snooze.ts': importing('../cache/cache.ts'),
    'src-main/core/cache/cache.ts': importing('../../../shared/errors.ts'),
    'src-main/host-headless/port.ts': importing('../core/agent-core.ts'),
    'src-main/host-electron/window.ts': "import { app } from 'electron';\nexport const one = app;\n",
    'src-renderer/store.ts': "import { create } from 'zustand';\nexport const one = create(() => ({ two: 2 }));\n",
    'src-renderer/store.test.ts': importing('../src-main/core/cache/cache.ts'),
    'src-widget/chat.ts': importing('../shared/domain/queue/queue.ts'),
    'tools/replay/replay.ts': importing('../../src-main/core/agent-core.ts'),
    'tests/fakes/fake-relay.ts': importing('../../src-relay/relay.ts'),
    'bench/append.ts': importing('../src-relay/event-log/event-log.ts'),
  };

  test('a clean repository gives no finding', async () => {
    const root = plantTree(allowed);
    try {
      expect(await findLintErrors(root)).toEqual([]);
    } finally {
      removeTree(root);
    }
  });
});
