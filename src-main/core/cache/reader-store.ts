import type { ItemRow, RootRow, SubjectReader, SubjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import type { LocalState } from './local-state.ts';
import type { Overlay } from './overlay.ts';

/** Which items of a subject are held. */
export interface HeldWindow {
  /** Position of the first item held. */
  from: number;
  /** There is nothing older. */
  isComplete: boolean;
}

/** The confirmed rows of a cache, one at a time. */
export interface BaseRows {
  reader(subject: SubjectRef): SubjectReader;
  /** Rowid of a subject's root; its items refer to it. */
  rootRowid(subject: SubjectRef): number | null;
  /** @param root rowid of the item's root */
  itemRowid(table: string, root: number, id: string): number | null;
  /** Null for a subject that is not held. */
  windowOf(subject: SubjectRef): HeldWindow | null;
}

/** Predicted rows of one table, and the rowids of confirmed ones that they take the place of. */
export interface PendingTable {
  readonly role: 'root' | 'item';
  /** @param root rowid of the root that the row belongs to */
  put(rowid: number, root: number, row: RootRow | ItemRow, commandId: string): void;
  remove(rowid: number): void;
  hide(rowid: number): void;
  show(rowid: number): void;
  clear(): void;
}

/** What answers the requests of views. */
export interface ReaderView {
  /** @throws AppError `unsupported` for a name it does not know */
  answer(name: string, input: unknown): unknown;
}

export interface ReaderViewParts {
  overlay: Overlay;
  local: LocalState;
  agentId: string;
  /** Changes whenever anything may look different. */
  generation(): string;
}

/** Where the rows of a cache lie, as its reader sees them, and room for predicted rows beside them. */
export interface ReaderStore {
  readonly base: BaseRows;
  readonly pending: ReadonlyMap<string, PendingTable>;
  /** Above zero, and another one after each commit of the writer. */
  version(): number;
  /** Whether the base contains what a command of this agent did. */
  isApplied(commandId: string): boolean;
  /** Runs `work` over one moment of the base; what it puts into `pending` stays, unless it throws. */
  transact<Answer>(work: () => Answer): Answer;
  makeView(parts: ReaderViewParts): ReaderView;
  close(): void;
}
