import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listErasedSince, rememberErased } from './erased-list.ts';

let folder: string;
let backup: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'liendesk-erased-'));
  backup = path.join(folder, 'monday');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('SYNC-L7 what was erased since a backup is listed beside it, once', async () => {
  expect(await listErasedSince(backup, 0)).toEqual([]);
  await rememberErased(folder, [{ subject: 'customer:a', at: 1 }]);
  await rememberErased(folder, [
    { subject: 'customer:b', at: 2 },
    { subject: 'customer:c', at: 3 },
  ]);
  await rememberErased(folder, [{ subject: 'customer:c', at: 3 }]);
  expect(await listErasedSince(backup, 2)).toEqual(['customer:b', 'customer:c']);
});

test('SYNC-L7 a line that was torn takes none of the next ones with it', async () => {
  appendFileSync(path.join(folder, 'erased.jsonl'), '{"subject":"customer:a","a');
  await rememberErased(folder, [{ subject: 'customer:a', at: 1 }]);
  expect(await listErasedSince(backup, 0)).toEqual(['customer:a']);
});

test('SYNC-L7 a list that cannot be read is not taken for an empty one', async () => {
  mkdirSync(path.join(folder, 'erased.jsonl'));
  await expect(listErasedSince(backup, 0)).rejects.toThrow();
});
