import type { StoredDraft } from '../../../src-main/core/outbox/draft-store.ts';
import type { OutboxCommand, RefusedEntry } from '../../../src-main/core/outbox/command-store.ts';
import type { PendingFile } from '../../../src-main/core/outbox/file-store.ts';
import type { StoredSession } from '../../../src-main/core/outbox/session-store.ts';

type DiskFileRow = PendingFile & { chunks: readonly Uint8Array[]; addedAt: number };

const MAPS = ['commands', 'settledAt', 'attention', 'resolvedAt', 'drafts', 'settings', 'seen', 'files'] as const;

/** What lies in one outbox file. Entries are replaced, never changed. */
export class MemoryOutboxState {
  device: { id: string; nextN: number };
  session: StoredSession | null = null;
  /** In order of `n`. */
  commands = new Map<string, OutboxCommand>();
  /** When a command was settled, epoch ms. */
  settledAt = new Map<string, number>();
  attention = new Map<string, RefusedEntry>();
  /** When the agent decided about a refused one. */
  resolvedAt = new Map<string, number>();
  drafts = new Map<string, StoredDraft>();
  settings = new Map<string, unknown>();
  seen = new Map<string, number>();
  files = new Map<string, DiskFileRow>();

  constructor(deviceId: string) {
    this.device = { id: deviceId, nextN: 1 };
  }

  copy(): MemoryOutboxState {
    const copy = new MemoryOutboxState(this.device.id);
    copy.device = this.device;
    copy.session = this.session;
    for (const name of MAPS) {
      (copy as Record<typeof name, Map<string, unknown>>)[name] = new Map<string, unknown>(this[name]);
    }
    return copy;
  }
}
