import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';
import { electronAbsence, findElectronBinary } from '../../electron-binary.ts';

const binary = findElectronBinary();

test('the Electron binary is the version the lock file names', async () => {
  test.skip(binary === undefined, electronAbsence);
  const { stdout } = await promisify(execFile)(binary ?? '', ['--version']);
  expect(stdout.trim()).toBe('v45.4.1');
});
