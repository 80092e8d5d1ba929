import { findKind } from '../../../shared/domain/registry.ts';
import {
  type ItemRow,
  type RootRow,
  type RowChange,
  type SubjectKind,
  type SubjectRef,
  parseSubjectRef,
  subjectRef,
} from '../../../shared/domain/subject/subject-kind.ts';
import type { ProjectionRows } from '../../../src-relay/event-log/log-storage.ts';
import { frozenJson } from './frozen-json.ts';
import { JournaledList } from './journal.ts';
import { ConstraintError } from './memory-log-records.ts';
import type { ItemTable, MemoryLogState } from './memory-log-state.ts';

/** The rows of every kind of subject in memory. @param read throws once the storage is gone */
export function openMemoryRows(read: () => MemoryLogState): ProjectionRows {
  return {
    readRoot: (kind, id) => read().roots.get(kind.tables[0]!.name)!.get(id) ?? null,
    readItem: (table, id) => read().items.get(table)?.byId.get(id) ?? null,
    write: (kind, change) => write(read(), kind, change),
    listOwned: (owner) =>
      [...read().owners.entries()].flatMap(([subject, one]) => (one === owner ? [subject] : [])).sort(),
    listItemIds: (subject) => {
      const { kind, id } = parseSubjectRef(subject);
      const lists = (findKind(kind)?.tables ?? []).map(({ name }) => read().items.get(name)?.bySubject.get(id));
      return lists.flatMap((list) => list?.slice(0, list.length).map((row) => row.id) ?? []);
    },
    listItemsBefore: (subject, position, limit) => listItemsBefore(read(), subject, position, limit),
  };
}

/** Every root row of a kind, in order of id. */
export function listMemoryRoots(state: MemoryLogState, kind: SubjectKind): RootRow[] {
  const roots = [...state.roots.get(kind.tables[0]!.name)!.values()];
  return roots.sort((one, other) => (one.id < other.id ? -1 : 1));
}

function write(state: MemoryLogState, kind: SubjectKind, change: RowChange): void {
  const table = kind.tables.find(({ name }) => name === change.table);
  if (table === undefined) throw new Error(`kind ${kind.name} has no table ${change.table}`);
  if (table.role === 'item') {
    const items = state.items.get(table.name)!;
    if (change.op === 'put') putItem(state, items, frozenJson(change.row) as ItemRow);
    else deleteItem(state, items, change.id);
    return;
  }
  if (change.op === 'put') {
    const root = frozenJson(change.row) as RootRow;
    state.roots.get(table.name)!.set(root.id, root);
    const owner = root.asOf === root.bornSeq ? (kind.erasure?.ownerOf(root) ?? null) : null;
    if (owner !== null) state.owners.set(subjectRef(kind.name, root.id), owner);
    return;
  }
  state.roots.get(table.name)!.delete(change.id);
  for (const { name } of kind.tables.slice(1)) {
    const { byId, bySubject } = state.items.get(name)!;
    const items = bySubject.get(change.id);
    for (const { id } of items?.slice(0, items.length) ?? []) byId.delete(id);
    bySubject.delete(change.id);
  }
}

function putItem({ journal }: MemoryLogState, { byId, bySubject }: ItemTable, row: ItemRow): void {
  const before = byId.get(row.id);
  if (before !== undefined && (before.position !== row.position || before.subjectId !== row.subjectId)) {
    throw new ConstraintError(`${row.id} is at another place`);
  }
  const list = bySubject.get(row.subjectId) ?? new JournaledList(journal);
  if (list.length === 0) bySubject.set(row.subjectId, list);
  byId.set(row.id, row);
  if (before !== undefined) {
    list.replace(indexOf(list, row.position), row);
    return;
  }
  if ((list.at(-1)?.position ?? -1) >= row.position) throw new ConstraintError(`the place of ${row.id} is taken`);
  list.push(row);
}

function deleteItem({ journal }: MemoryLogState, { byId, bySubject }: ItemTable, id: string): void {
  const row = byId.get(id);
  if (row === undefined) return;
  byId.delete(id);
  const list = bySubject.get(row.subjectId)!;
  const rest = list.slice(0, list.length).filter((one) => one !== row);
  bySubject.set(row.subjectId, new JournaledList(journal, rest));
}

function listItemsBefore(state: MemoryLogState, subject: SubjectRef, position: number, limit: number) {
  const { kind: kindName, id } = parseSubjectRef(subject);
  const items = (findKind(kindName)?.tables ?? []).slice(1).flatMap(({ name }) => {
    const list = state.items.get(name)?.bySubject.get(id);
    if (list === undefined) return [];
    const end = indexOf(list, position);
    return list.slice(Math.max(0, end - limit - 1), end).map((row) => ({ table: name, row }));
  });
  items.sort((one, other) => one.row.position - other.row.position);
  return { items: items.slice(-limit), isComplete: items.length <= limit };
}

/** Index of the first item that is not before `position`. */
function indexOf(list: JournaledList<ItemRow>, position: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list.at(middle)!.position < position) low = middle + 1;
    else high = middle;
  }
  return low;
}
