import { createStore, type StoreApi } from 'zustand/vanilla';
import { type Attachment, MAX_ATTACHMENTS } from '../../shared/domain/conversation/message.ts';
import { AppError, type ErrorBody, toErrorBody } from '../../shared/errors.ts';
import type { Clock, Random } from '../../shared/primitives/clock.ts';
import { makeUuidV7 } from '../../shared/primitives/uuid-v7.ts';
import type { CoreClient } from '../core-client/core-client.ts';
import type { FileStore } from './files.ts';
import { uploadFile } from './uploads.ts';

export type DraftKind = 'reply' | 'note';

/** A file on its way into the core, or one that did not get there. */
export interface Upload {
  id: string;
  name: string;
  size: number;
  /** 0 to 1. */
  progress: number;
  error: ErrorBody | null;
}

/** What is being written, of one kind, in one conversation. */
export interface DraftPart {
  text: string;
  /** UTF-16 units. */
  caret: number;
  attachments: readonly Attachment[];
  uploads: readonly Upload[];
  cannedReplyId: string | null;
  isSending: boolean;
  /** Why the last try to send was refused; the text is still there. */
  sendError: ErrorBody | null;
}

export interface ConversationDrafts {
  /** False until what was written before is known. What is typed until then is kept behind it. */
  isLoaded: boolean;
  mode: DraftKind;
  reply: DraftPart;
  note: DraftPart;
  /** Why the text is not on disk at the moment; null when it is, or is about to be. */
  saveError: ErrorBody | null;
}

export interface DraftsState {
  drafts: Record<string, ConversationDrafts>;
}

export interface DraftsStore extends StoreApi<DraftsState> {
  /**
   * Reads what was being written; `isForced` also where it is known (the core put a text back into it). What was typed
   * in the meantime stays, behind what was read.
   */
  load(conversationId: string, isForced?: boolean): Promise<void>;
  setMode(conversationId: string, mode: DraftKind): void;
  /** An input method is composing: what is read meanwhile is shown when it is done, or letters would be lost. */
  setComposing(conversationId: string, isComposing: boolean): void;
  edit(
    conversationId: string,
    kind: DraftKind,
    change: Partial<Pick<DraftPart, 'text' | 'caret' | 'cannedReplyId'>>,
  ): void;
  addFiles(conversationId: string, kind: DraftKind, files: readonly File[]): Promise<void>;
  /** Puts a file that the core has already into what is being written. */
  attach(conversationId: string, kind: DraftKind, attachment: Attachment): void;
  removeAttachment(conversationId: string, kind: DraftKind, fileId: string): void;
  removeUpload(conversationId: string, kind: DraftKind, uploadId: string): void;
  dismissError(conversationId: string, kind: DraftKind): void;
  /** @returns whether the core has it in its outbox; if not, `sendError` says why and the text stays */
  send(conversationId: string, kind: DraftKind, mentions?: readonly string[]): Promise<boolean>;
  /** Saves at once what is not saved yet. */
  flush(conversationId: string): void;
  /** The agent turns away from it, perhaps to another machine: saved at once, and brought there. */
  leave(conversationId: string): void;
  /** Another machine of this agent changed it: read again, where it was read before. */
  changedElsewhere(conversationId: string): void;
  flushAll(): void;
  /** Forgets everything (another agent signs in); what the core has stays there. */
  clear(): void;
}

/** Unsaved text is at most this old. Not put off by further typing. */
const SAVE_AFTER_MS = 200;
const RETRY_SAVE_AFTER_MS = 1000;

const EMPTY_PART: DraftPart = {
  text: '',
  caret: 0,
  attachments: [],
  uploads: [],
  cannedReplyId: null,
  isSending: false,
  sendError: null,
};

export const EMPTY_DRAFTS: ConversationDrafts = {
  isLoaded: false,
  mode: 'reply',
  reply: EMPTY_PART,
  note: EMPTY_PART,
  saveError: null,
};

/** What is being written, in every conversation. It lives here and not in a view, so that no view can lose it. */
export function createDraftsStore(core: CoreClient, clock: Clock, random: Random, files: FileStore): DraftsStore {
  const store = createStore<DraftsState>(() => ({ drafts: {} }));
  const unsaved = new Map<string, () => void>();
  const loading = new Map<string, Promise<void>>();
  /** Ids of a try whose outcome is not known, so that the same text tried again is not sent twice. */
  const openTries = new Map<string, { content: string; messageId: string; commandId: string }>();
  const sends = new Map<string, Promise<boolean>>();
  const compositions = new Map<string, PromiseWithResolvers<void>>();
  /** Drafts as the core has them, by kind and conversation: what differs was written since. */
  const saved = new Map<string, Saved>();
  /** Goes up with `clear`: what was asked for another agent has no effect any more. */
  let generation = 0;

  const draftsOf = (id: string): ConversationDrafts => store.getState().drafts[id] ?? EMPTY_DRAFTS;
  const newId = (): string => makeUuidV7(clock.now(), random.bytes(10));

  function patch(id: string, fields: Partial<ConversationDrafts>): void {
    store.setState(({ drafts }) => ({ drafts: { ...drafts, [id]: { ...(drafts[id] ?? EMPTY_DRAFTS), ...fields } } }));
  }

  function patchPart(id: string, kind: DraftKind, fields: Partial<DraftPart>): void {
    patch(id, { [kind]: { ...draftsOf(id)[kind], ...fields } });
  }

  function saveSoon(id: string, kind: DraftKind, afterMs = SAVE_AFTER_MS): void {
    const key = `${kind} ${id}`;
    if (!unsaved.has(key))
      unsaved.set(
        key,
        clock.after(afterMs, () => void save(id, kind)),
      );
  }

  async function save(id: string, kind: DraftKind): Promise<void> {
    unsaved.get(`${kind} ${id}`)?.();
    unsaved.delete(`${kind} ${id}`);
    const begun = generation;
    try {
      // What was written before must not be saved over.
      if (!draftsOf(id).isLoaded) await self.load(id);
      if (begun !== generation) return;
      const { text, caret, attachments } = draftsOf(id)[kind];
      await core.request('draft.save', {
        conversationId: id,
        kind,
        text,
        caret: Math.min(caret, text.length),
        attachments: [...attachments],
        edition: saved.get(`${kind} ${id}`)?.edition ?? null,
      });
      if (begun !== generation) return;
      saved.set(`${kind} ${id}`, { ...(saved.get(`${kind} ${id}`) ?? NOTHING_SAVED), text, attachments });
      if (draftsOf(id).saveError !== null) patch(id, { saveError: null });
    } catch (error) {
      if (begun !== generation) return;
      patch(id, { saveError: toErrorBody(error, 'console') });
      saveSoon(id, kind, RETRY_SAVE_AFTER_MS);
    }
  }

  function flush(id: string): void {
    for (const kind of ['reply', 'note'] as const) if (unsaved.has(`${kind} ${id}`)) void save(id, kind);
  }

  async function read(id: string): Promise<void> {
    const begun = generation;
    const { reply, note } = await core.request('draft.get', { conversationId: id });
    // What is being sent is on its way out of the box, and nothing may be put before it until it is.
    await Promise.all((['reply', 'note'] as const).flatMap((kind) => sends.get(`${kind} ${id}`) ?? []));
    await compositions.get(id)?.promise;
    if (begun !== generation) return;
    const now = draftsOf(id);
    const isNoteNewer = note !== null && note.text !== '' && note.updatedAt > (reply?.updatedAt ?? 0);
    const hasTyped = now.reply.text !== '' || now.note.text !== '';
    patch(id, {
      isLoaded: true,
      mode: now.isLoaded || hasTyped || !isNoteNewer ? now.mode : 'note',
      reply: { ...now.reply, ...mergeDraft(reply, now.reply, saved.get(`reply ${id}`) ?? NOTHING_SAVED) },
      note: { ...now.note, ...mergeDraft(note, now.note, saved.get(`note ${id}`) ?? NOTHING_SAVED) },
    });
    for (const [kind, draft] of [['reply', reply] as const, ['note', note] as const]) {
      saved.set(`${kind} ${id}`, draft ?? NOTHING_SAVED);
      if (draftsOf(id)[kind].text !== (draft?.text ?? '')) saveSoon(id, kind);
    }
  }

  async function send(id: string, kind: DraftKind, mentions: readonly string[]): Promise<boolean> {
    const part = draftsOf(id)[kind];
    const begun = generation;
    const { text, attachments, cannedReplyId } = part;
    const content = JSON.stringify([text, attachments.map((one) => one.fileId)]);
    const key = `${kind} ${id}`;
    const known = openTries.get(key);
    const attempt = known?.content === content ? known : { content, messageId: newId(), commandId: newId() };
    openTries.set(key, attempt);
    const { messageId, commandId } = attempt;
    patchPart(id, kind, { isSending: true, sendError: null });
    const shared = { conversationId: id, text, attachments: [...attachments], messageId, commandId };
    try {
      if (kind === 'reply') await core.request('message.send', { ...shared, cannedReplyId });
      else await core.request('note.add', { ...shared, mentions: [...mentions] });
    } catch (error) {
      if (begun !== generation) return false;
      const body = toErrorBody(error, 'console');
      // An earlier try of the same text got through after all.
      if (body.reason !== 'already-sent') {
        if (!body.retryable) openTries.delete(key);
        patchPart(id, kind, { isSending: false, sendError: body });
        return false;
      }
    }
    if (begun !== generation) return true;
    openTries.delete(key);
    takeOut(id, kind, text, attachments);
    return true;
  }

  /** Only what was sent leaves the box: what was typed while the core answered stays. */
  function takeOut(id: string, kind: DraftKind, text: string, attachments: readonly Attachment[]): void {
    const now = draftsOf(id)[kind];
    const rest = now.text.startsWith(text) ? now.text.slice(text.length) : now.text;
    const sent = new Set(attachments.map((one) => one.fileId));
    patchPart(id, kind, {
      text: rest,
      caret: Math.max(0, now.caret - (now.text.length - rest.length)),
      attachments: now.attachments.filter((one) => !sent.has(one.fileId)),
      cannedReplyId: null,
      isSending: false,
      sendError: null,
    });
    void save(id, kind);
  }

  async function addFiles(id: string, kind: DraftKind, picked: readonly File[]): Promise<void> {
    const begun = picked.map((file) => ({
      file,
      upload: { id: newId(), name: file.name, size: file.size, progress: 0, error: null },
    }));
    patchPart(id, kind, { uploads: [...draftsOf(id)[kind].uploads, ...begun.map((one) => one.upload)] });
    const change = (uploadId: string, fields: Partial<Upload>) => {
      const uploads = draftsOf(id)[kind].uploads.map((one) => (one.id === uploadId ? { ...one, ...fields } : one));
      patchPart(id, kind, { uploads });
    };
    const isGone = (uploadId: string) => !draftsOf(id)[kind].uploads.some((one) => one.id === uploadId);
    for (const { file, upload } of begun) {
      if (isGone(upload.id)) continue;
      try {
        if (draftsOf(id)[kind].attachments.length >= MAX_ATTACHMENTS) throw tooMany();
        const attachment = await uploadFile(
          core,
          file,
          (progress) => change(upload.id, { progress }),
          () => isGone(upload.id),
        );
        if (isGone(upload.id)) continue;
        files.keep(attachment, file);
        self.removeUpload(id, kind, upload.id);
        self.attach(id, kind, attachment);
      } catch (error) {
        change(upload.id, { error: toErrorBody(error, 'console') });
      }
    }
  }

  const self: DraftsStore = Object.assign(store, {
    load(id: string, isForced = false): Promise<void> {
      if (draftsOf(id).isLoaded && !isForced) return Promise.resolve();
      const running = isForced ? undefined : loading.get(id);
      if (running !== undefined) return running;
      const reading = read(id).finally(() => {
        if (loading.get(id) === reading) loading.delete(id);
      });
      loading.set(id, reading);
      return reading;
    },
    setMode: (id: string, mode: DraftKind) => patch(id, { mode }),
    setComposing(id: string, isComposing: boolean) {
      if (isComposing === compositions.has(id)) return;
      if (isComposing) compositions.set(id, Promise.withResolvers());
      else {
        compositions.get(id)?.resolve();
        compositions.delete(id);
      }
    },
    edit(id: string, kind: DraftKind, change: Partial<Pick<DraftPart, 'text' | 'caret' | 'cannedReplyId'>>) {
      const isEmptied = change.text?.trim() === '';
      // Who empties the box gives that try up: the same text, written or put back later, is another message.
      if (isEmptied) openTries.delete(`${kind} ${id}`);
      patchPart(id, kind, isEmptied ? { ...change, cannedReplyId: null, sendError: null } : change);
      saveSoon(id, kind);
    },
    addFiles,
    attach(id: string, kind: DraftKind, attachment: Attachment) {
      const others = draftsOf(id)[kind].attachments.filter((one) => one.fileId !== attachment.fileId);
      patchPart(id, kind, { attachments: [...others, attachment] });
      saveSoon(id, kind);
    },
    removeAttachment(id: string, kind: DraftKind, fileId: string) {
      patchPart(id, kind, { attachments: draftsOf(id)[kind].attachments.filter((one) => one.fileId !== fileId) });
      saveSoon(id, kind);
    },
    removeUpload(id: string, kind: DraftKind, uploadId: string) {
      patchPart(id, kind, { uploads: draftsOf(id)[kind].uploads.filter((one) => one.id !== uploadId) });
    },
    dismissError: (id: string, kind: DraftKind) => patchPart(id, kind, { sendError: null }),
    send(id: string, kind: DraftKind, mentions: readonly string[] = []): Promise<boolean> {
      const { isSending, text, attachments } = draftsOf(id)[kind];
      if (isSending || (text.trim() === '' && attachments.length === 0)) return Promise.resolve(false);
      const key = `${kind} ${id}`;
      const sending = send(id, kind, mentions).finally(() => sends.delete(key));
      sends.set(key, sending);
      return sending;
    },
    flush,
    leave(id: string) {
      flush(id);
      // What cannot be brought there now is, with the next thing that is typed or when the core is started again.
      if (draftsOf(id).isLoaded) core.request('draft.leave', { conversationId: id }).catch(() => {});
    },
    changedElsewhere(id: string) {
      // Where the core cannot be reached now, the link's return reads it again.
      if (draftsOf(id).isLoaded) self.load(id, true).catch(() => {});
    },
    flushAll() {
      for (const id of Object.keys(store.getState().drafts)) flush(id);
    },
    clear() {
      for (const cancel of unsaved.values()) cancel();
      unsaved.clear();
      openTries.clear();
      loading.clear();
      saved.clear();
      generation += 1;
      store.setState({ drafts: {} });
    },
  });
  return self;
}

type Content = Pick<DraftPart, 'text' | 'caret' | 'attachments'>;

interface Saved extends Pick<DraftPart, 'text' | 'attachments'> {
  /** Which text of another machine took the place of the one here last, as far as it was read. */
  edition: string | null;
}

const NOTHING_SAVED: Saved = { text: '', attachments: [], edition: null };

/**
 * What was read, with what was typed here since `saved` was: typed text comes last, in a line of its own unless it goes
 * on with a space, and the caret stays where it was typed.
 */
function mergeDraft(read: Content | null, typed: Content, saved: Saved): Content {
  const { text, caret, attachments } = read ?? { text: '', caret: 0, attachments: [] };
  // What was saved and is not there any more was taken out elsewhere.
  const known = new Set([...attachments, ...saved.attachments].map((one) => one.fileId));
  const all = { attachments: [...attachments, ...typed.attachments.filter((one) => !known.has(one.fileId))] };
  if (typed.text === '' || typed.text === saved.text) return { text, caret, ...all };
  // The core has put something before what it had of this text.
  const isAddedTo = saved.text !== '' && text.endsWith(saved.text);
  const before = isAddedTo ? text.slice(0, text.length - saved.text.length) : text;
  const gap = before === '' || /\s$/u.test(before) || /^\s/u.test(typed.text) ? '' : '\n';
  return { text: before + gap + typed.text, caret: before.length + gap.length + typed.caret, ...all };
}

function tooMany(): AppError {
  return new AppError('too_large', `A message carries at most ${MAX_ATTACHMENTS} files.`, {
    reason: 'too-many-files',
    params: { limit: MAX_ATTACHMENTS },
  });
}
