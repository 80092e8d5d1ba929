import type { Database, Statement } from 'better-sqlite3';
import { kindOf } from '../../../shared/domain/registry.ts';
import {
  type ItemRow,
  type RootRow,
  type SubjectReader,
  type SubjectRef,
  parseSubjectRef,
} from '../../../shared/domain/subject/subject-kind.ts';
import { tableSpecs } from './cache-schema.ts';
import { parseStoredRow } from './open-database.ts';
import type { BaseRows, HeldWindow } from './reader-store.ts';

export class SqliteBaseRows implements BaseRows {
  readonly #find = new Map<string, Statement<(string | number)[], { rowid: number; row: string }>>();
  readonly #windows = new Map<string, Statement<[string], { windowFrom: number; isComplete: number }>>();

  constructor(database: Database) {
    for (const { name, role } of tableSpecs) {
      const where = role === 'root' ? 'id = ?' : 'id = ? AND +subject = ?';
      this.#find.set(name, database.prepare(`SELECT rowid AS rowid, row FROM "${name}" WHERE ${where}`));
      if (role === 'root') {
        this.#windows.set(name, database.prepare(`SELECT windowFrom, isComplete FROM "${name}" WHERE id = ?`));
      }
    }
  }

  reader(subject: SubjectRef): SubjectReader {
    const { id } = parseSubjectRef(subject);
    const table = kindOf(subject)?.tables[0]?.name ?? '';
    return {
      root: <Root extends RootRow>() => this.#parse(table, id) as Root | null,
      item: <Item extends ItemRow>(itemTable: string, itemId: string) => {
        const rowid = this.rootRowid(subject);
        return rowid === null ? null : (this.#parse(itemTable, itemId, rowid) as Item | null);
      },
    } as SubjectReader;
  }

  rootRowid(subject: SubjectRef): number | null {
    const { id } = parseSubjectRef(subject);
    return this.#find.get(kindOf(subject)?.tables[0]?.name ?? '')?.get(id)?.rowid ?? null;
  }

  itemRowid(table: string, root: number, id: string): number | null {
    return this.#find.get(table)?.get(id, root)?.rowid ?? null;
  }

  windowOf(subject: SubjectRef): HeldWindow | null {
    const { id } = parseSubjectRef(subject);
    const found = this.#windows.get(kindOf(subject)?.tables[0]?.name ?? '')?.get(id);
    return found === undefined ? null : { from: found.windowFrom, isComplete: found.isComplete === 1 };
  }

  #parse(table: string, ...key: (string | number)[]): RootRow | ItemRow | null {
    const found = this.#find.get(table)?.get(...key);
    return found === undefined ? null : parseStoredRow<RootRow | ItemRow>(found.row);
  }
}
