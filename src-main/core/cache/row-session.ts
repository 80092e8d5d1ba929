import { kindOf } from '../../../shared/domain/registry.ts';
import {
  type ItemRow,
  type RootRow,
  type RowChange,
  type SubjectKind,
  type SubjectReader,
  type SubjectRef,
  parseSubjectRef,
} from '../../../shared/domain/subject/subject-kind.ts';
import type { SubjectSnapshot } from '../../../shared/relay-protocol/frames.ts';
import type { NewItem, RowTable, StoredRoot } from './cache-store.ts';

interface OpenItem {
  table: string;
  /** As it is in the file; null for one that is not. */
  stored: ItemRow | null;
  row: ItemRow | null;
}

interface OpenSubject {
  subject: SubjectRef;
  kind: SubjectKind;
  /** As it is in the file. */
  stored: StoredRoot | null;
  root: StoredRoot | null;
  isChanged: boolean;
  /** Its stored items are to be deleted before anything of `items` is written. */
  isCleared: boolean;
  /** What is stored of it is not to be relied on: it is deleted and written anew. */
  isMistrusted: boolean;
  items: Map<string, OpenItem>;
  /** Made when it is first asked for. */
  reader: SubjectReader | null;
}

export type RowTables = ReadonlyMap<string, RowTable>;

/** Root rows between transactions, so that a busy conversation is not read and parsed again for every frame. */
const MAX_KNOWN_ROOTS = 4000;

/**
 * Root rows as they are in the file. The writer is the only one who changes them; after a transaction that failed it has
 * to be emptied. Those that were not used for longest go, half of all at a time, which costs nothing at each use.
 */
export class KnownRoots {
  #recent = new Map<SubjectRef, StoredRoot>();
  #earlier = new Map<SubjectRef, StoredRoot>();

  get(subject: SubjectRef): StoredRoot | undefined {
    return this.#recent.get(subject) ?? this.#earlier.get(subject);
  }

  set(subject: SubjectRef, root: StoredRoot | null): void {
    if (root === null) {
      this.#recent.delete(subject);
      this.#earlier.delete(subject);
      return;
    }
    this.#recent.set(subject, root);
    if (this.#recent.size < MAX_KNOWN_ROOTS / 2) return;
    this.#earlier = this.#recent;
    this.#recent = new Map();
  }

  clear(): void {
    this.#recent.clear();
    this.#earlier.clear();
  }
}

/**
 * The rows one transaction works on. Everything is folded in memory and written once at its end, so that a thousand
 * events to one conversation write its row once.
 */
export class RowSession {
  readonly #tables: RowTables;
  readonly #known: KnownRoots;
  readonly #subjects = new Map<SubjectRef, OpenSubject>();
  readonly entered: SubjectRef[] = [];
  readonly left: SubjectRef[] = [];

  constructor(tables: RowTables, known: KnownRoots) {
    this.#tables = tables;
    this.#known = known;
  }

  /** The rows of a subject as they stand in this transaction; null for a kind that this version does not know. */
  reader(subject: SubjectRef): SubjectReader | null {
    const open = this.#open(subject);
    if (open === null) return null;
    open.reader ??= {
      root: <Root extends RootRow>() => (open.root?.row ?? null) as Root | null,
      item: <Item extends ItemRow>(table: string, id: string) => this.#item(open, table, id).row as Item | null,
    } as SubjectReader;
    return open.reader;
  }

  /** Applies folded rows. A subject that is born here is held from its first item on. */
  apply(subject: SubjectRef, rows: readonly RowChange[], seq: number): void {
    const open = this.#open(subject);
    if (open === null) return;
    const rootTable = open.kind.tables[0]?.name;
    for (const change of rows) {
      if (change.table !== rootTable) {
        const item = this.#item(open, change.table, change.op === 'put' ? change.row.id : change.id);
        item.row = change.op === 'put' ? (change.row as ItemRow) : null;
      } else if (change.op === 'delete') this.remove(subject);
      else {
        const row = change.row as RootRow;
        const born = { rowid: null, windowFrom: 0, isComplete: row.bornSeq === seq, isDirty: false };
        open.root = { ...(open.root ?? born), row };
        open.isChanged = true;
      }
    }
  }

  markDirty(subject: SubjectRef): void {
    const open = this.#open(subject);
    if (open === null || open.root === null) return;
    open.root = { ...open.root, isDirty: true };
    open.isChanged = true;
  }

  /** Deletes the subject with all that belongs to it. */
  remove(subject: SubjectRef): void {
    const open = this.#open(subject);
    if (open === null) return;
    open.root = null;
    open.items.clear();
    open.isCleared = true;
    open.isChanged = true;
  }

  /**
   * Takes a subject as the relay has it. What is held of it is replaced, and its window of items begins anew, unless
   * what is held is newer.
   * @returns false when the subject was left as it is
   */
  enter(snapshot: SubjectSnapshot): boolean {
    const open = this.#open(snapshot.subject);
    if (open === null) return false;
    const held = open.root;
    if (held !== null && held.row.asOf > snapshot.root.asOf && !open.isMistrusted) return false;
    open.items.clear();
    open.isCleared = true;
    open.isChanged = true;
    open.root = {
      rowid: open.stored?.rowid ?? null,
      row: snapshot.root,
      windowFrom: snapshot.items[0]?.row.position ?? 0,
      isComplete: snapshot.isComplete,
      isDirty: false,
    };
    for (const { table, row } of snapshot.items) {
      if (this.#tables.has(table)) open.items.set(keyOf(open, table, row.id), { table, stored: null, row });
    }
    return true;
  }

  /** As `enter`, whatever is held, in the file too: rows that are as new, but have gone bad (SYNC-D4). */
  replace(snapshot: SubjectSnapshot): void {
    const open = this.#open(snapshot.subject);
    if (open === null) return;
    open.isMistrusted = true;
    this.enter(snapshot);
  }

  /**
   * Adds a page of older items, which ends right before `before`.
   * @returns false when the subject is not held, or its window does not reach down to `before`
   */
  addOlder(snapshot: SubjectSnapshot, before: number): boolean {
    const open = this.#open(snapshot.subject);
    if (open === null || open.root === null || open.root.windowFrom > before) return false;
    for (const { table, row } of snapshot.items) {
      if (!this.#tables.has(table)) continue;
      const item = this.#item(open, table, row.id);
      if (item.row === null || item.row.asOf <= row.asOf) item.row = row;
    }
    const first = snapshot.items[0]?.row.position ?? before;
    if (first <= open.root.windowFrom) {
      open.root = { ...open.root, windowFrom: first, isComplete: snapshot.isComplete };
      open.isChanged = true;
    }
    return true;
  }

  /** Writes everything: deletions, root rows, then items in ascending order of position. */
  flush(): void {
    const inserts = new Map<string, NewItem[]>();
    // One place of the file after the other; those that are new come last.
    const subjects = [...this.#subjects.values()].sort((a, b) => placeOf(a) - placeOf(b));
    for (const open of subjects) {
      if (open.isCleared && open.stored !== null) this.#clearItems(open);
      if (open.isChanged) this.#writeRoot(open);
      this.#writeItems(open, inserts);
    }
    for (const [name, rows] of inserts) {
      rows.sort((a, b) => a.row.position - b.row.position);
      this.#tables.get(name)?.insertItems(rows);
    }
  }

  /** To be called once the transaction is durable. */
  remember(): void {
    for (const open of this.#subjects.values()) this.#known.set(open.subject, open.root);
  }

  #writeRoot(open: OpenSubject): void {
    const table = this.#tables.get(open.kind.tables[0]?.name ?? '');
    if (table === undefined) return;
    const { stored, root } = open;
    if (root === null) {
      if (stored?.rowid != null) {
        table.deleteRoot(stored.rowid, stored.row);
        this.left.push(open.subject);
      }
      return;
    }
    if (stored?.rowid == null) {
      open.root = { ...root, rowid: table.insertRoot(root) };
      this.entered.push(open.subject);
    } else if (open.isMistrusted) {
      table.deleteRoot(stored.rowid, stored.row);
      open.root = { ...root, rowid: table.insertRoot({ ...root, rowid: stored.rowid }) };
    } else {
      table.updateRoot(stored.rowid, root, stored.row);
      open.root = { ...root, rowid: stored.rowid };
    }
  }

  #clearItems(open: OpenSubject): void {
    for (const { name, role } of open.kind.tables) {
      if (role === 'item') this.#tables.get(name)?.deleteItemsOf(open.stored!.rowid!);
    }
  }

  #writeItems(open: OpenSubject, inserts: Map<string, NewItem[]>): void {
    const subject = open.root?.rowid ?? null;
    if (subject === null) return;
    for (const { table, stored, row } of open.items.values()) {
      if (row === stored) continue;
      const rowTable = this.#tables.get(table);
      if (row === null) {
        if (stored !== null) rowTable?.deleteItem(stored);
      } else if (stored !== null) rowTable?.updateItem(subject, row, stored);
      else {
        const list = inserts.get(table);
        if (list === undefined) inserts.set(table, [{ subject, row }]);
        else list.push({ subject, row });
      }
    }
  }

  #open(subject: SubjectRef): OpenSubject | null {
    const known = this.#subjects.get(subject);
    if (known !== undefined) return known;
    const kind = kindOf(subject);
    const table = this.#tables.get(kind?.tables[0]?.name ?? '');
    if (kind === undefined || table === undefined) return null;
    const stored = this.#known.get(subject) ?? table.findRoot(parseSubjectRef(subject).id);
    const open: OpenSubject = {
      subject,
      kind,
      stored,
      root: stored,
      isChanged: false,
      isCleared: false,
      isMistrusted: false,
      items: new Map(),
      reader: null,
    };
    this.#subjects.set(subject, open);
    return open;
  }

  #item(open: OpenSubject, table: string, id: string): OpenItem {
    const key = keyOf(open, table, id);
    const known = open.items.get(key);
    if (known !== undefined) return known;
    const rowid = open.stored?.rowid ?? null;
    const stored = open.isCleared || rowid === null ? null : (this.#tables.get(table)?.findItem(rowid, id) ?? null);
    const item = { table, stored, row: stored };
    open.items.set(key, item);
    return item;
  }
}

/** Most kinds have one table of items at the most: then the id will do, and no string has to be made. */
function keyOf(open: OpenSubject, table: string, id: string): string {
  return open.kind.tables.length <= 2 ? id : `${table}/${id}`;
}

function placeOf(open: OpenSubject): number {
  return open.stored?.rowid ?? Number.MAX_SAFE_INTEGER;
}
