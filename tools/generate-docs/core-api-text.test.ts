import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../processes/program.ts';
import { coreApiText } from './core-api-text.ts';

test('docs/core-api.md says what the schemas say (npm run docs writes it anew)', () => {
  const written = readFileSync(path.join(projectRoot, 'docs/core-api.md'), 'utf8').replaceAll('\r\n', '\n');
  expect(written).toBe(coreApiText());
});
