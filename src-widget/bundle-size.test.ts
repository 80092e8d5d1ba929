import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';

const LOADER_BYTES = 4 * 1024;
const FRAME_BYTES = 60 * 1024;

const outDir = mkdtempSync(path.join(os.tmpdir(), 'liendesk-widget-'));

beforeAll(async () => {
  const nodeEnv = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  const configOf = (name: string) => path.join(import.meta.dirname, `vite.${name}.config.ts`);
  try {
    await build({ configFile: configOf('loader'), logLevel: 'silent', build: { outDir } });
    await build({ configFile: configOf('frame'), logLevel: 'silent', build: { outDir: path.join(outDir, 'frame') } });
  } finally {
    process.env['NODE_ENV'] = nodeEnv;
  }
});

afterAll(() => rmSync(outDir, { recursive: true, force: true }));

const zippedSize = (file: string) => gzipSync(readFileSync(file), { level: 9 }).length;

test('ROW-A1 the loader is one file of at most 4 KB', () => {
  expect(zippedSize(path.join(outDir, 'widget.js'))).toBeLessThanOrEqual(LOADER_BYTES);
});

test('ROW-A1 everything in the frame is at most 60 KB', () => {
  const folder = path.join(outDir, 'frame', 'assets');
  const files = [
    path.join(outDir, 'frame', 'index.html'),
    ...readdirSync(folder).map((name) => path.join(folder, name)),
  ];
  expect(files.length).toBeGreaterThanOrEqual(3);
  expect(files.reduce((sum, file) => sum + zippedSize(file), 0)).toBeLessThanOrEqual(FRAME_BYTES);
});

test('neither bundle needs eval or style markup, which a strict content policy forbids', () => {
  const folder = path.join(outDir, 'frame', 'assets');
  const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'));
  for (const file of [path.join(outDir, 'widget.js'), ...scripts.map((name) => path.join(folder, name))]) {
    const code = readFileSync(file, 'utf8');
    expect(code).not.toMatch(/\beval\(|new Function\(/);
    expect(code).not.toMatch(/setAttribute\(["'`]style/);
  }
  const page = readFileSync(path.join(outDir, 'frame', 'index.html'), 'utf8');
  expect(page).not.toMatch(/<style|style=|<script>|\son\w+=/);
  expect(page).toContain('<!--liendesk-origins-->');
});
