import fs from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { makeFolder, removeFolders } from '../../tests/fakes/console-process.ts';
import { makeDurableFile } from './durable-file.ts';
import { readOrMakeLocalKeys } from './local-keys.ts';

afterEach(() => {
  vi.restoreAllMocks();
  removeFolders();
});

function diskFull(): Error {
  return Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
}

test('SYNC-F1 a first start that the disk has no room for leaves no keys behind that can never be read', () => {
  const folder = makeFolder('liendesk-keys-');
  const full = (): never => {
    throw diskFull();
  };
  // What a full disk does: the file is there, and nothing in it.
  vi.spyOn(fs, 'writeFileSync').mockImplementation(full);
  expect(() => readOrMakeLocalKeys(folder)).toThrow('no space');
  vi.restoreAllMocks();
  expect(fs.readdirSync(folder)).toEqual([]);
  const keys = readOrMakeLocalKeys(folder);
  expect(readOrMakeLocalKeys(folder)).toEqual(keys);
});

test('a file that is there is never written over', () => {
  const file = path.join(makeFolder('liendesk-keys-'), 'keys');
  makeDurableFile(file, 'first');
  expect(() => makeDurableFile(file, 'second')).toThrow('EEXIST');
  expect(fs.readdirSync(path.dirname(file))).toEqual(['keys']);
  expect(fs.readFileSync(file, 'utf8')).toBe('first');
});

test('it is made where there are no links', () => {
  const file = path.join(makeFolder('liendesk-keys-'), 'keys');
  vi.spyOn(fs, 'linkSync').mockImplementation(() => {
    throw Object.assign(new Error('not permitted'), { code: 'EPERM' });
  });
  makeDurableFile(file, 'first');
  expect(fs.readFileSync(file, 'utf8')).toBe('first');
});
