import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { makeFolder, removeFolders } from '../fakes/console-process.ts';

const run = promisify(execFile);
/** Mounts a file system of `$1` bytes at `$0`, which nobody else sees and which ends with the process, and runs the rest. */
const ON_A_SMALL_DISK = 'mount -t tmpfs -o size="$1" tmpfs "$0" && shift && exec "$@"';
const DISK_BYTES = 12_000_000;
const child = fileURLToPath(new URL('full-disk-child.ts', import.meta.url));

afterEach(removeFolders);

function onASmallDisk(disk: string, command: string[]): string[] {
  return ['--user', '--map-root-user', '--mount', 'sh', '-c', ON_A_SMALL_DISK, disk, String(DISK_BYTES), ...command];
}

async function startOnAFullDisk(keepsBallast: boolean): Promise<unknown> {
  const disk = makeFolder('liendesk-disk-');
  const script = `import(${JSON.stringify(child)})
    .then((m) => m.startOnFullDisk(${JSON.stringify(disk)}, ${keepsBallast}))
    .then((answer) => process.stdout.write(JSON.stringify(answer)))`;
  const command = [process.execPath, '--input-type=module', '-e', script];
  const { stdout } = await run('unshare', onASmallDisk(disk, command));
  return JSON.parse(stdout);
}

/** Not on Windows and macOS, nor where a machine forbids its users name spaces. */
const isPossible = spawnSync('unshare', onASmallDisk('/tmp', ['true'])).status === 0;

test.skipIf(!isPossible)(
  'SYNC-F1 on a disk without a free byte a console starts, shows what it has, and takes what its agent writes',
  async () => {
    expect(await startOnAFullDisk(true)).toEqual({
      ...{ filledBy: 'ENOSPC', storage: 'full', pendingCount: 1, total: 3 },
      texts: ['alo k1', 'trước khi đĩa đầy', 'trên đĩa đầy'],
    });
  },
);

test.skipIf(!isPossible)('SYNC-F1 where nothing was kept for it, it says that the disk is full', async () => {
  expect(await startOnAFullDisk(false)).toEqual({ filledBy: 'ENOSPC', refused: 'disk-full' });
});
