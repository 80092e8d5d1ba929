import type { Database } from 'better-sqlite3';
import type { Draft } from '../../../shared/core-api/views.ts';

type DraftRow = Omit<Draft, 'attachments'> & { attachments: string };

/** What is being written, and where it was left. */
export interface DraftStore {
  /** Empty text without attachments deletes it. */
  save(draft: Draft): void;
  get(conversationId: string, kind: Draft['kind']): Draft | null;
  has(conversationId: string): boolean;
  /** Conversations with a draft. */
  listConversations(): string[];
  /** Files that drafts refer to. */
  listFiles(): string[];
  /** Deletes what was being written in these conversations. @returns ids of files that it had */
  forget(conversationIds: readonly string[]): string[];
}

export class SqliteDraftStore implements DraftStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  save(draft: Draft): void {
    const { conversationId, kind, text, caret, attachments, updatedAt } = draft;
    if (text === '' && attachments.length === 0) {
      this.#database.prepare('DELETE FROM draft WHERE conversationId = ? AND kind = ?').run(conversationId, kind);
      return;
    }
    this.#database
      .prepare(
        'INSERT OR REPLACE INTO draft (conversationId, kind, text, caret, attachments, updatedAt) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(conversationId, kind, text, caret, JSON.stringify(attachments), updatedAt);
  }

  get(conversationId: string, kind: Draft['kind']): Draft | null {
    const row = this.#database
      .prepare<[string, string], DraftRow>('SELECT * FROM draft WHERE conversationId = ? AND kind = ?')
      .get(conversationId, kind);
    return row === undefined ? null : { ...row, attachments: JSON.parse(row.attachments) as Draft['attachments'] };
  }

  has(conversationId: string): boolean {
    return (
      this.#database.prepare('SELECT 1 FROM draft WHERE conversationId = ? LIMIT 1').get(conversationId) !== undefined
    );
  }

  listConversations(): string[] {
    return this.#database.prepare<[], string>('SELECT DISTINCT conversationId FROM draft').pluck().all();
  }

  forget(conversationIds: readonly string[]): string[] {
    const remove = this.#database.prepare<[string], { attachments: string }>(
      'DELETE FROM draft WHERE conversationId = ? RETURNING attachments',
    );
    return this.#database
      .transaction(() => conversationIds.flatMap((id) => remove.all(id).flatMap(fileIdsIn)))
      .immediate();
  }

  listFiles(): string[] {
    return this.#database
      .prepare<[], { attachments: string }>('SELECT attachments FROM draft')
      .all()
      .flatMap(fileIdsIn);
  }
}

function fileIdsIn({ attachments }: { attachments: string }): string[] {
  return (JSON.parse(attachments) as Draft['attachments']).map(({ fileId }) => fileId);
}
