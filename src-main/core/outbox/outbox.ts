import type { CommandStore } from './command-store.ts';
import type { DeviceStore } from './device-store.ts';
import type { DraftStore } from './draft-store.ts';
import type { FileStore } from './file-store.ts';
import type { SessionStore } from './session-store.ts';
import type { SettingStore } from './setting-store.ts';

/**
 * Everything on this device that nobody else has: unsent commands, refused ones, drafts, settings, the sign-in. What a
 * method of its stores wrote is on the disk when it returns (SYNC-O1).
 */
export interface Outbox {
  readonly commands: CommandStore;
  readonly device: DeviceStore;
  readonly drafts: DraftStore;
  readonly files: FileStore;
  readonly session: SessionStore;
  readonly settings: SettingStore;
  /** Where a damaged file was moved to when this one was opened; null normally. */
  readonly damagedFile: string | null;
  /** Forgets what is too old. @param now epoch ms */
  prune(now: number): void;
  /** Takes what was deleted out of wherever else in the file it may still lie. */
  scrub(): void;
  close(): void;
}

/** Files that drafts, unsent commands and refused ones refer to. */
export function neededFiles({ commands, drafts }: Pick<Outbox, 'commands' | 'drafts'>): Set<string> {
  const unsent = commands.listOpen().flatMap(({ fileIds }) => fileIds);
  const refused = commands.listRefused().flatMap(({ command }) => fileIdsIn(command.args));
  return new Set([...unsent, ...refused, ...drafts.listFiles()]);
}

function fileIdsIn(args: unknown): string[] {
  const { attachments } = (args ?? {}) as { attachments?: { fileId: string }[] };
  return attachments?.map(({ fileId }) => fileId) ?? [];
}
