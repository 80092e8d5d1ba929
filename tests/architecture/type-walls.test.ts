import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Finding, findTypeErrors, plantTree, removeTree } from './planted-tree.ts';

const notInProject = 'TS6307';

const violations: [what: string, file: string, text: string, rule: string][] = [
  ['shared uses the DOM', 'shared/primitives/a.ts', 'export const a = (): unknown => document.title;\n', 'TS2584'],
  ['shared uses Node', 'shared/primitives/b.ts', 'export const a = (): unknown => process.cwd();\n', 'TS2591'],
  ['shared uses a timer', 'shared/domain/a.ts', 'export const a = (): unknown => setTimeout(() => {}, 1);\n', 'TS2304'],
  ['the core uses the DOM', 'src-main/core/a.ts', 'export const a = (): unknown => window.name;\n', 'TS2304'],
  ['the relay uses the DOM', 'src-relay/a.ts', 'export const a = (): unknown => document.title;\n', 'TS2584'],
  ['the renderer uses Node', 'src-renderer/a.ts', 'export const a = (): unknown => process.cwd();\n', 'TS2591'],
  ['the widget uses Node', 'src-widget/a.ts', 'export const a = (): unknown => Buffer.from([]);\n', 'TS2591'],
  [
    'the renderer imports a type of the core',
    'src-renderer/b.ts',
    "import type { One } from '../src-main/core/agent-core.ts';\nexport type Two = One;\n",
    notInProject,
  ],
  [
    'the core imports the relay',
    'src-main/core/b.ts',
    "import type { One } from '../../src-relay/relay.ts';\nexport type Two = One;\n",
    notInProject,
  ],
  [
    'hosts import each other',
    'src-main/host-loopback/a.ts',
    "import type { One } from '../host-headless/port.ts';\nexport type Two = One;\n",
    notInProject,
  ],
  ['an enum, which Node cannot strip', 'src-relay/b.ts', 'export enum A {\n  B,\n}\n', 'TS1294'],
  ['an index that may miss', 'src-relay/c.ts', 'export const a = (b: number[]): number => b[0];\n', 'TS2322'],
  [
    'undefined for a property that may only be absent',
    'src-relay/d.ts',
    'export const a: { b?: number } = { b: undefined };\n',
    'TS2375',
  ],
];

const surroundings = {
  'src-relay/relay.ts': 'export type One = 1;\n',
  'src-main/core/agent-core.ts': 'export type One = 1;\n',
  'src-main/host-headless/port.ts': 'export type One = 1;\n',
};

describe('the compiler reports every planted violation', () => {
  let root = '';
  let findings: Finding[] = [];

  beforeAll(async () => {
    root = plantTree({ ...surroundings, ...Object.fromEntries(violations.map(([, file, text]) => [file, text])) });
    findings = await findTypeErrors(root);
  });
  afterAll(() => removeTree(root));

  test.each(violations)('%s (%s)', (_what, file, _text, rule) => {
    expect(findings.filter((finding) => finding.file === file).map((finding) => finding.rule)).toContain(rule);
  });
});

test('the compiler reports nothing in a clean repository, nor in empty folders', async () => {
  const root = plantTree({
    ...surroundings,
    'shared/primitives/brand.ts': 'export type Brand = string;\n',
    'src-main/core/cache.ts':
      "import path from 'node:path';\nimport type { Brand } from '../../shared/primitives/brand.ts';\nexport const a = (b: Brand): string => path.join(b);\n",
    'src-renderer/view.tsx': 'export const view = <b title={document.title}>1</b>;\n',
  });
  try {
    expect(await findTypeErrors(root)).toEqual([]);
  } finally {
    removeTree(root);
  }
});
