import type { Database } from 'better-sqlite3';
import type { Draft } from '../../../shared/core-api/views.ts';

/** What is being written here, and how it stands to what the agent's other machines know of it (SYNC-O1). */
export interface StoredDraft extends Draft {
  /** Version of the shared draft that this continues or is; null where it was begun here. */
  version: string | null;
  /** It was changed here since it was shared. An empty one waits to be cleared elsewhere. */
  isOwn: boolean;
}

type DraftRow = Omit<StoredDraft, 'attachments' | 'isOwn'> & { attachments: string; isOwn: number };

/** What is being written, and where it was left. */
export interface DraftStore {
  /** An empty one that is not own is deleted. */
  save(draft: StoredDraft): void;
  /** Also one that was emptied and waits to be cleared elsewhere. */
  get(conversationId: string, kind: Draft['kind']): StoredDraft | null;
  /** Whether anything is written there. */
  has(conversationId: string): boolean;
  /** Conversations in which something is written. */
  listConversations(): string[];
  /** All that there are, also empty ones. */
  list(): StoredDraft[];
  /** Files that drafts refer to. */
  listFiles(): string[];
  /** Deletes what was being written in these conversations. @returns ids of files that it had */
  forget(conversationIds: readonly string[]): string[];
}

export function isEmptyDraft({ text, attachments }: Pick<Draft, 'text' | 'attachments'>): boolean {
  return text === '' && attachments.length === 0;
}

/** The same for drafts that say the same, wherever the caret is. */
export function contentOf(draft: Pick<Draft, 'text' | 'attachments'> | null | undefined): string {
  return JSON.stringify([draft?.text ?? '', draft?.attachments ?? []]);
}

export class SqliteDraftStore implements DraftStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  save(draft: StoredDraft): void {
    const { conversationId, kind, text, caret, attachments, updatedAt, version, edition, isOwn } = draft;
    if (isEmptyDraft(draft) && !isOwn) {
      this.#database.prepare('DELETE FROM draft WHERE conversationId = ? AND kind = ?').run(conversationId, kind);
      return;
    }
    this.#database
      .prepare(
        'INSERT OR REPLACE INTO draft' +
          ' (conversationId, kind, text, caret, attachments, updatedAt, version, edition, isOwn)' +
          ' VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      )
      .run(
        ...[conversationId, kind, text, caret, JSON.stringify(attachments), updatedAt, version, edition],
        isOwn ? 1 : 0,
      );
  }

  get(conversationId: string, kind: Draft['kind']): StoredDraft | null {
    const row = this.#database
      .prepare<[string, string], DraftRow>('SELECT * FROM draft WHERE conversationId = ? AND kind = ?')
      .get(conversationId, kind);
    return row === undefined ? null : toDraft(row);
  }

  has(conversationId: string): boolean {
    return this.#database.prepare(`${WRITTEN} AND conversationId = ? LIMIT 1`).get(conversationId) !== undefined;
  }

  listConversations(): string[] {
    return this.#database.prepare<[], string>(WRITTEN).pluck().all();
  }

  list(): StoredDraft[] {
    return this.#database.prepare<[], DraftRow>('SELECT * FROM draft').all().map(toDraft);
  }

  listFiles(): string[] {
    return filesOf(this.list());
  }

  forget(conversationIds: readonly string[]): string[] {
    const gone = this.list().filter(({ conversationId }) => conversationIds.includes(conversationId));
    const remove = this.#database.prepare('DELETE FROM draft WHERE conversationId = ? AND kind = ?');
    this.#database
      .transaction(() => gone.forEach(({ conversationId, kind }) => remove.run(conversationId, kind)))
      .immediate();
    return filesOf(gone);
  }
}

const WRITTEN = "SELECT DISTINCT conversationId FROM draft WHERE (text <> '' OR attachments <> '[]')";

function filesOf(drafts: readonly StoredDraft[]): string[] {
  return drafts.flatMap(({ attachments }) => attachments.map(({ fileId }) => fileId));
}

function toDraft(row: DraftRow): StoredDraft {
  return { ...row, attachments: JSON.parse(row.attachments) as Draft['attachments'], isOwn: row.isOwn === 1 };
}
