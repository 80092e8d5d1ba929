import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const projectRoot = path.resolve(import.meta.dirname, '..', '..');
const spec = fs.readFileSync(path.join(projectRoot, 'docs', 'sync-spec.md'), 'utf8');
/** What stands below this line says what is missing, and proves nothing. */
const built = spec.slice(0, spec.indexOf('## Not built'));

/** Paths in the text begin with these. */
const PREFIXES: Readonly<Record<string, string>> = {
  contract: 'tests/contract',
  simulation: 'tests/simulation',
  faults: 'tests/faults',
  gateway: 'src-relay/gateway',
  core: 'src-main/core',
  domain: 'shared/domain',
};

const testFiles = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: projectRoot, encoding: 'utf8' })
  .split('\n')
  .filter((file) => /\.(test|contract)\.tsx?$/u.test(file) && file !== 'tests/architecture/sync-spec.test.ts');
const sources = testFiles.map((file) => fs.readFileSync(path.join(projectRoot, file), 'utf8')).join('\n');

describe('docs/sync-spec.md', () => {
  const stated = [...new Set([...built.matchAll(/\b(?:SYNC-[A-Z]\d+|INV-\d+)\b/gu)].map(([id]) => id))];

  test('it states rules', () => {
    expect(stated.length).toBeGreaterThan(50);
  });

  test.each(stated)('%s is the name of a test', (id) => {
    // In the title of a test or of a group of tests, not only in a comment.
    const title = new RegExp(`(?:test|describe|it)[\\w.]*\\([^\\n]*?['"\`][^'"\`\\n]*\\b${id}\\b`, 'u');
    const titleOnItsOwnLine = new RegExp(`^\\s*['"\`][^'"\`\\n]*\\b${id}\\b`, 'mu');
    expect(title.test(sources) || titleOnItsOwnLine.test(sources)).toBe(true);
  });

  test.each([...new Set([...built.matchAll(/`([\w./-]+\.(?:test|contract)\.tsx?)`/gu)].map(([, file]) => file!))])(
    '%s is there',
    (file) => {
      const [first, ...rest] = file.split('/');
      const whole = [PREFIXES[first!] ?? first!, ...rest].join('/');
      expect(testFiles).toContain(whole);
    },
  );
});
