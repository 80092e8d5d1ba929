import { verifyBackup } from '../../src-relay/backup/manifest.ts';
import { restoreBackup } from '../../src-relay/backup/restore-backup.ts';
import { createSystemClock, createSystemRandom } from '../../src-relay/system-clock.ts';
import type { Verb } from './help-text.ts';

/** Verbs that work on folders and need no relay: `backup restore` runs where none does yet. */
export const folderVerbs: readonly (Verb & { run(backup: string, dataDir: string): Promise<object> })[] = [
  {
    noun: 'backup',
    verb: 'verify',
    does: 'Reads every byte of a backup and compares it with its manifest.',
    operand: 'FOLDER',
    flags: [],
    run: async (backup) => {
      const { createdAt, version, epoch, head, files, missing } = await verifyBackup(backup);
      return {
        isWhole: true,
        createdAt: isoTime(createdAt),
        version,
        epoch,
        head,
        files: files.length,
        missing: missing.length,
      };
    },
  },
  {
    noun: 'backup',
    verb: 'restore',
    does: 'Verifies a backup and makes an empty data folder (--data-dir) of it.',
    operand: 'FOLDER',
    flags: [],
    run: async (backup, dataDir) => {
      const restored = await restoreBackup({
        from: backup,
        dataFolder: dataDir,
        clock: createSystemClock(),
        random: createSystemRandom(),
      });
      return {
        dataDir,
        createdAt: isoTime(restored.createdAt),
        head: restored.head,
        formerEpoch: restored.epoch,
        epoch: restored.newEpoch,
      };
    },
  },
];

function isoTime(at: number): string {
  return new Date(at).toISOString();
}
