import { conversationRef } from '../../../shared/domain/conversation/decide.ts';
import { type DraftKind, type SharedDraft, draftRef } from '../../../shared/domain/draft/draft.ts';
import type { SubjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import type { Draft } from '../../../shared/core-api/views.ts';
import { AppError } from '../../../shared/errors.ts';
import type { Clock } from '../../../shared/primitives/clock.ts';
import type { Command } from '../../../shared/relay-protocol/commands.ts';
import type { Cache } from '../cache/cache.ts';
import { draftStartOf } from '../outbox/draft-start.ts';
import { type StoredDraft, isEmptyDraft } from '../outbox/draft-store.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { CommandDesk } from './command-desk.ts';
import type { CommandOutlet } from './feature-context.ts';

export interface DraftDeskParts {
  agentId: string;
  cache: Pick<Cache, 'position' | 'query' | 'setDraft'>;
  outbox: Pick<Outbox, 'commands' | 'drafts'>;
  desk: Pick<CommandDesk, 'submit'>;
  outlet: Pick<CommandOutlet, 'undo'>;
  clock: Clock;
  isOnline(): boolean;
  isErased(subject: SubjectRef): boolean;
  makeId(): string;
  /** What is being written there was changed by another machine. */
  onChanged(conversationId: string): void;
  /** Work that nobody waits for. */
  background(work: Promise<unknown>): void;
}

/** A draft goes to the agent's other machines when nothing was typed for so long. */
const PAUSE_MS = 3000;

interface Place {
  conversationId: string;
  kind: DraftKind;
}

/**
 * What is being written on this machine, and how it follows the agent to another (SYNC-O1). Views see the local drafts
 * only, which are on the disk with every change. One that was changed here since it was shared is *own*: it is shown,
 * and given to the relay at the next pause. Of one that is not, what the relay has takes the place. The relay joins what
 * was written on two machines without knowing of each other (`draft.write`), so neither ever replaces the other (INV-10).
 */
export class DraftDesk {
  readonly #parts: DraftDeskParts;
  readonly #pauses = new Map<string, () => void>();
  /** What could not be given as things stood, by conversation: when that looks different it is tried again. */
  readonly #kept = new Map<SubjectRef, Place[]>();
  /** How drafts begin as lists show it, by conversation, as far as this process has told them. */
  readonly #starts = new Map<string, string>();
  /** What gives and what takes over, one after the other. */
  #queue: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(parts: DraftDeskParts) {
    this.#parts = parts;
  }

  /** Keeps what a view has; on the disk when this resolves. */
  async save({
    edition,
    ...draft
  }: Omit<Draft, 'updatedAt' | 'edition'> & { edition?: string | null | undefined }): Promise<void> {
    const { outbox, clock, isErased } = this.#parts;
    const { conversationId, kind } = draft;
    // The window goes on showing what was typed, to be copied or discarded.
    if (isErased(conversationRef(conversationId))) return;
    const known = outbox.drafts.get(conversationId, kind);
    const isSame = known === null ? isEmptyDraft(draft) : hasSameContent(known, draft);
    // What another machine brought meanwhile was not seen by whoever typed this: it continues nothing.
    // Nothing is left of what was cleared here, whoever asks for it.
    const isSeen =
      isSame ||
      edition === undefined ||
      edition === (known?.edition ?? null) ||
      (known !== null && isEmptyDraft(known));
    const version = isSeen ? (known?.version ?? null) : null;
    const isOwn = isSame ? (known?.isOwn ?? false) : !isEmptyDraft(draft) || (known?.version ?? null) !== null;
    const hadDraft = outbox.drafts.has(conversationId);
    const updatedAt = isSame && known !== null ? known.updatedAt : clock.now();
    outbox.drafts.save({ ...draft, updatedAt, version, edition: known?.edition ?? null, isOwn });
    if (isOwn && !isSame) this.#giveAfter(draft, isEmptyDraft(draft) ? 0 : PAUSE_MS);
    const isCleared = !isSame && isEmptyDraft(draft);
    if (isCleared || outbox.drafts.has(conversationId) !== hadDraft) await this.#show(conversationId);
  }

  /**
   * What was being written went out. A window that is closed before it hears so would show it again when it is opened, to
   * be sent once more. What was typed since then stays.
   */
  async sent({ conversationId, kind, text, attachments }: Place & Pick<Draft, 'text' | 'attachments'>): Promise<void> {
    const draft = this.#parts.outbox.drafts.get(conversationId, kind);
    if (draft === null || isEmptyDraft(draft)) return;
    const files = new Set(attachments.map(({ fileId }) => fileId));
    // The last letters may not have been saved yet.
    const isPart = text.startsWith(draft.text) && draft.attachments.every(({ fileId }) => files.has(fileId));
    if (isPart) await this.save({ conversationId, kind, text: '', caret: 0, attachments: [] });
  }

  /** Something was put before what is being written there: views have to read it. */
  async putBack(draft: Omit<Draft, 'updatedAt' | 'edition'>): Promise<void> {
    await this.save(draft);
    this.#parts.onChanged(draft.conversationId);
  }

  /** The agent turned to something else, and may go on at another machine. */
  leave(conversationId: string): void {
    for (const kind of ['reply', 'note'] as const) this.#giveAfter({ conversationId, kind }, 0);
  }

  /** The relay is there: what it does not have is given to it, and what it has is shown. */
  online(): void {
    this.#background(async () => {
      await this.#takeOver();
      for (const draft of this.#parts.outbox.drafts.list()) if (draft.isOwn) await this.#give(draft);
    });
  }

  /** These subjects look different in the cache; `*` stands for all. */
  noticed(subjects: readonly string[]): void {
    for (const [subject, places] of this.#kept) {
      if (!subjects.some((one) => one === '*' || one === subject)) continue;
      this.#kept.delete(subject);
      for (const place of places) this.#giveAfter(place, PAUSE_MS);
    }
    if (!subjects.some((subject) => subject === '*' || subject.startsWith('draft:'))) return;
    this.#background(() => this.#takeOver());
  }

  /** The relay will not have it: what was written stays here, and is given again when it or its conversation changed. */
  declined({ id, args }: Pick<Command, 'id' | 'args'>): void {
    const { conversationId, kind, continues } = args as Place & { continues: string | null };
    const draft = this.#parts.outbox.drafts.get(conversationId, kind);
    if (draft === null) return;
    const version = draft.version === id ? continues : draft.version;
    this.#parts.outbox.drafts.save({ ...draft, version, isOwn: true });
    this.#keep(draft);
  }

  /** The relay may have lost what it was given (SYNC-O6): all that is written here is given again. */
  giveAllAgain(): void {
    const { drafts } = this.#parts.outbox;
    for (const draft of drafts.list()) drafts.save({ ...draft, isOwn: true });
  }

  /** Nothing is given any more; what is own is given by the next process. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const cancel of this.#pauses.values()) cancel();
    this.#pauses.clear();
    await this.#queue;
  }

  #giveAfter(place: Place, delayMs: number): void {
    const key = `${place.kind} ${place.conversationId}`;
    this.#pauses.get(key)?.();
    this.#pauses.delete(key);
    if (this.#isClosed) return;
    const end = () => {
      this.#pauses.delete(key);
      // Giving waits for nothing before: what it has read is what is written there.
      this.#background(() => this.#give(place));
      this.#background(() => this.#showBeginning(place.conversationId));
    };
    if (delayMs === 0) end();
    else this.#pauses.set(key, this.#parts.clock.after(delayMs, end));
  }

  async #give({ conversationId, kind }: Place): Promise<void> {
    const { agentId, outbox, desk, isOnline, makeId } = this.#parts;
    const draft = outbox.drafts.get(conversationId, kind);
    // Without the relay it waits where it is, of which there is never more than the newest.
    if (draft === null || !draft.isOwn || !isOnline()) return;
    const commandId = makeId();
    const { text, attachments } = draft;
    const continues = this.#continued(draft);
    // If this is refused, the next one must not name what was taken back, which the relay has never seen.
    if (continues !== draft.version) outbox.drafts.save({ ...draft, version: continues });
    const args = { conversationId, agentId, kind, text, attachments, continues };
    try {
      await desk.submit({ type: 'draft.write', commandId, args });
    } catch (error) {
      // Too long, or the conversation is not to be seen any more: it is kept here.
      if (!(error instanceof AppError)) throw error;
      this.#keep(draft);
      return;
    }
    const now = outbox.drafts.get(conversationId, kind);
    if (now === null) return;
    const version = now.version === continues ? commandId : now.version;
    outbox.drafts.save({ ...now, version, isOwn: !hasSameContent(now, draft) });
  }

  #keep({ conversationId, kind }: Place): void {
    const subject = conversationRef(conversationId);
    const others = (this.#kept.get(subject) ?? []).filter((place) => place.kind !== kind);
    this.#kept.set(subject, [...others, { conversationId, kind }]);
  }

  /** What the draft goes on from, as the relay will know it. What was given before and not sent yet is taken back. */
  #continued(draft: StoredDraft): string | null {
    const open = this.#openCommands(draft);
    let { version } = draft;
    for (const { command, state, attempts } of open.toReversed()) {
      if (state !== 'waiting' || attempts > 0) return command.id;
      this.#parts.outlet.undo(command.id);
      version = (command.args as { continues: string | null }).continues;
    }
    return version;
  }

  async #takeOver(): Promise<void> {
    const { agentId, outbox, cache } = this.#parts;
    const undecided = this.#openSubjects();
    const rows = (await cache.query('sharedDrafts', {})) as SharedDraft[];
    for (const subject of this.#openSubjects()) undecided.add(subject);
    const shared = new Map(rows.map((row) => [keyOf(row), row]));
    const places = new Map<string, Place>([...outbox.drafts.list(), ...rows].map((place) => [keyOf(place), place]));
    for (const [key, place] of places) {
      const { conversationId, kind } = place;
      const local = outbox.drafts.get(conversationId, kind);
      const row = shared.get(key) ?? null;
      // Until a command is decided, and its fact is here, nobody knows what the relay has.
      if (local?.isOwn === true || undecided.has(draftRef({ ...place, agentId }))) continue;
      if ((local?.version ?? null) === (row?.version ?? null)) continue;
      // A cache that is not whole says nothing about what is not in it.
      if (row === null && cache.position.epoch === null) continue;
      const hadDraft = outbox.drafts.has(conversationId);
      const isSame = row === null ? local === null || isEmptyDraft(local) : hasSameContent(row, local);
      outbox.drafts.save(isSame && local !== null ? { ...local, version: row?.version ?? null } : fromRow(place, row));
      if (!isSame || outbox.drafts.has(conversationId) !== hadDraft) await this.#show(conversationId);
      if (!isSame) this.#parts.onChanged(conversationId);
    }
  }

  #openCommands({ conversationId, kind }: Place) {
    const { agentId, outbox } = this.#parts;
    const subject = draftRef({ conversationId, agentId, kind });
    return outbox.commands.listOpen().filter(({ command }) => command.subjects.includes(subject));
  }

  #openSubjects(): Set<string> {
    return new Set(this.#parts.outbox.commands.listOpen().flatMap(({ command }) => command.subjects));
  }

  /** Lists mark conversations in which something is written, and say how it begins: not with every letter. */
  async #show(conversationId: string): Promise<void> {
    const start = draftStartOf(this.#parts.outbox.drafts, conversationId);
    if (start !== null && this.#starts.get(conversationId) === start) return;
    await this.#parts.cache.setDraft(conversationId, start);
    if (start === null) this.#starts.delete(conversationId);
    else this.#starts.set(conversationId, start);
  }

  async #showBeginning(conversationId: string): Promise<void> {
    if (this.#parts.outbox.drafts.has(conversationId)) await this.#show(conversationId);
  }

  #background(work: () => Promise<void>): void {
    const run = this.#queue.then(() => (this.#isClosed ? undefined : work()));
    this.#queue = run.catch(() => undefined);
    this.#parts.background(run);
  }
}

function keyOf({ kind, conversationId }: Place): string {
  return `${kind} ${conversationId}`;
}

function hasSameContent(
  one: Pick<StoredDraft, 'text' | 'attachments'>,
  other: Pick<StoredDraft, 'text' | 'attachments'> | null,
): boolean {
  const files = (draft: Pick<StoredDraft, 'attachments'>) => draft.attachments.map(({ fileId }) => fileId).join();
  return other !== null && one.text === other.text && files(one) === files(other);
}

function fromRow({ conversationId, kind }: Place, row: SharedDraft | null): StoredDraft {
  const text = row?.text ?? '';
  return {
    ...{ conversationId, kind, text, caret: text.length, attachments: row?.attachments ?? [], isOwn: false },
    ...{ updatedAt: row?.writtenAt ?? 0, version: row?.version ?? null, edition: row?.version ?? null },
  };
}
