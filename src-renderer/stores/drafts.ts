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
  /** False until what was written before is known; nothing may be typed over it. */
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
  /** Reads what was being written; `isForced` also where it is known (the core put a text back into it). */
  load(conversationId: string, isForced?: boolean): Promise<void>;
  setMode(conversationId: string, mode: DraftKind): void;
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
    const { text, caret, attachments } = draftsOf(id)[kind];
    try {
      await core.request('draft.save', {
        conversationId: id,
        kind,
        text,
        caret: Math.min(caret, text.length),
        attachments: [...attachments],
      });
      if (draftsOf(id).saveError !== null) patch(id, { saveError: null });
    } catch (error) {
      patch(id, { saveError: toErrorBody(error, 'console') });
      saveSoon(id, kind, RETRY_SAVE_AFTER_MS);
    }
  }

  function flush(id: string): void {
    for (const kind of ['reply', 'note'] as const) if (unsaved.has(`${kind} ${id}`)) void save(id, kind);
  }

  async function read(id: string): Promise<void> {
    const { reply, note } = await core.request('draft.get', { conversationId: id });
    const isNoteNewer = note !== null && note.text !== '' && note.updatedAt > (reply?.updatedAt ?? 0);
    const { isLoaded, mode } = draftsOf(id);
    patch(id, {
      isLoaded: true,
      mode: isLoaded ? mode : isNoteNewer ? 'note' : 'reply',
      reply: { ...draftsOf(id).reply, ...contentOf(reply) },
      note: { ...draftsOf(id).note, ...contentOf(note) },
    });
  }

  async function send(id: string, kind: DraftKind, mentions: readonly string[]): Promise<boolean> {
    const part = draftsOf(id)[kind];
    if (part.isSending || (part.text.trim() === '' && part.attachments.length === 0)) return false;
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
      const body = toErrorBody(error, 'console');
      // An earlier try of the same text got through after all.
      if (body.reason !== 'already-sent') {
        if (!body.retryable) openTries.delete(key);
        patchPart(id, kind, { isSending: false, sendError: body });
        return false;
      }
    }
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
      const running = loading.get(id) ?? read(id).finally(() => loading.delete(id));
      loading.set(id, running);
      return running;
    },
    setMode: (id: string, mode: DraftKind) => patch(id, { mode }),
    edit(id: string, kind: DraftKind, change: Partial<Pick<DraftPart, 'text' | 'caret' | 'cannedReplyId'>>) {
      const isEmptied = change.text?.trim() === '';
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
    send: (id: string, kind: DraftKind, mentions: readonly string[] = []) => send(id, kind, mentions),
    flush,
    flushAll() {
      for (const id of Object.keys(store.getState().drafts)) flush(id);
    },
    clear() {
      for (const cancel of unsaved.values()) cancel();
      unsaved.clear();
      openTries.clear();
      store.setState({ drafts: {} });
    },
  });
  return self;
}

function contentOf(draft: { text: string; caret: number; attachments: Attachment[] } | null): Partial<DraftPart> {
  return draft === null
    ? { text: '', caret: 0, attachments: [] }
    : { text: draft.text, caret: draft.caret, attachments: draft.attachments };
}

function tooMany(): AppError {
  return new AppError('too_large', `A message carries at most ${MAX_ATTACHMENTS} files.`, {
    reason: 'too-many-files',
    params: { limit: MAX_ATTACHMENTS },
  });
}
