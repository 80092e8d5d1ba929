import { verifyBackup } from '../../src-relay/backup/manifest.ts';
import { restoreBackup } from '../../src-relay/backup/restore-backup.ts';
import { createSystemClock, createSystemRandom } from '../../src-relay/system-clock.ts';
import type { Verb } from './help-text.ts';

const MAY_HOLD_ERASED =
  'This backup knows of erased customers whom no erased.jsonl names, in it or beside it. Whoever was erased after it ' +
  'was made may be back: put the erased.jsonl of the backups folder of the last relay beside the backup and restore ' +
  'once more into an empty folder, or erase them again.';

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
        erasedAgain: restored.erasedAgain,
        erasedLists: restored.erasedLists,
        ...(restored.mayHoldErased ? { warning: MAY_HOLD_ERASED } : {}),
      };
    },
  },
];

function isoTime(at: number): string {
  return new Date(at).toISOString();
}
