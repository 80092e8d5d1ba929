import type { Database, Statement } from 'better-sqlite3';
import { subjectKinds } from '../../shared/domain/registry.ts';
import {
  type RootRow,
  type SubjectKind,
  type SubjectRef,
  subjectRef,
} from '../../shared/domain/subject/subject-kind.ts';

/** Rows read at once when the table is made. */
const CHUNK = 500;

/**
 * Which subjects are erased with which other one (SYNC-L7), as their kinds say: also those that are gone, since the log
 * still has what was said of them. Written when a subject is born, so that what is written all day does not pay for it.
 */
export class SubjectOwners {
  readonly #insert: Statement<[string, string]>;
  readonly #list: Statement<[string], SubjectRef>;

  /** Makes its table, and fills it from the rows that are there. */
  constructor(database: Database) {
    database.transaction(() => make(database)).immediate();
    this.#insert = database.prepare('INSERT OR REPLACE INTO subject_owner (subject, owner) VALUES (?, ?)');
    this.#list = database
      .prepare<[string], SubjectRef>('SELECT subject FROM subject_owner WHERE owner = ? ORDER BY subject')
      .pluck();
  }

  note(kind: SubjectKind, root: RootRow): void {
    if (kind.erasure === undefined || root.asOf !== root.bornSeq) return;
    const owner = kind.erasure.ownerOf(root);
    if (owner !== null) this.#insert.run(subjectRef(kind.name, root.id), owner);
  }

  listOwned(owner: SubjectRef): SubjectRef[] {
    return this.#list.all(owner);
  }
}

function make(database: Database): void {
  const isThere = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'subject_owner'").get() !== undefined;
  if (isThere) return;
  database.exec(`
    CREATE TABLE subject_owner (subject TEXT PRIMARY KEY, owner TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX subject_owner_by_owner ON subject_owner (owner, subject);
  `);
  const insert = database.prepare('INSERT INTO subject_owner (subject, owner) VALUES (?, ?)');
  for (const { name, tables, erasure } of subjectKinds) {
    if (erasure === undefined) continue;
    const list = database
      .prepare<[string], string>(`SELECT row FROM "${tables[0]!.name}" WHERE id > ? ORDER BY id LIMIT ${CHUNK}`)
      .pluck();
    for (let last = '', rows = list.all(last); rows.length > 0; rows = list.all(last)) {
      for (const root of rows.map((row) => JSON.parse(row) as RootRow)) {
        const owner = erasure.ownerOf(root);
        if (owner !== null) insert.run(subjectRef(name, root.id), owner);
        last = root.id;
      }
    }
  }
}
