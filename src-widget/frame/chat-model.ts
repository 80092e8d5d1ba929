import type { FeedEntry } from '../../shared/widget-api/feed.ts';
import { MAX_CUSTOMER_TEXT } from '../../shared/widget-api/limits.ts';
import type { WidgetConfig, WidgetSession } from '../../shared/widget-api/session.ts';
import { Subscribable } from '../../shared/primitives/subscribable.ts';
import { makeUuidV7 } from '../../shared/primitives/uuid-v7.ts';
import type { ConnectionState } from '../client/feed-connection.ts';
import { WidgetApiError } from '../client/widget-api-error.ts';
import type { WidgetClient } from '../client/widget-client.ts';
import type { ToPage } from '../page-messages.ts';
import { type KeptMessage, type KeptState, NO_SENDER, type Sender, readKeptState } from './kept-state.ts';
import { type Language, type TextKey, textKeyOf } from './texts.ts';
import { type TrayFile, UploadTray } from './upload-tray.ts';

export interface Unsent extends KeptMessage {
  /** Null while it is on its way; why it was refused otherwise. */
  failure: { key: TextKey; params: Record<string, string | number> } | null;
}

export interface ChatState {
  phase: 'closed' | 'starting' | 'ready' | 'refused';
  config: WidgetConfig | null;
  language: Language;
  connection: ConnectionState;
  isOnline: boolean;
  isOpen: boolean;
  hasConversation: boolean;
  /** Ascending by `seq`. */
  entries: readonly FeedEntry[];
  hasOlder: boolean;
  isLoadingOlder: boolean;
  unsent: readonly Unsent[];
  files: readonly TrayFile[];
  draft: string;
  sender: Sender;
  /** Null until the pre-chat questions were answered. */
  answers: Record<string, string> | null;
  isAgentTyping: boolean;
  readUpTo: number;
  unread: number;
  notice: { key: TextKey; params: Record<string, string | number> } | null;
}

const PAGE_LENGTH = 30;

/** Everything the chat shows and does, without a view. */
export class ChatModel {
  readonly #client: WidgetClient;
  readonly #postToPage: (message: ToPage) => void;
  readonly #tray: UploadTray;
  readonly #changes = new Subscribable<ChatState>();
  #stored = '';
  #feedId: string | null = null;
  #visitorId: string | null = null;
  #state: ChatState;

  constructor(client: WidgetClient, postToPage: (message: ToPage) => void, locale: string) {
    this.#client = client;
    this.#postToPage = postToPage;
    this.#tray = new UploadTray(client, () => this.#set({ files: this.#tray.files }));
    this.#state = {
      phase: 'closed',
      config: null,
      language: languageOf(locale),
      connection: 'connecting',
      isOnline: true,
      isOpen: false,
      hasConversation: false,
      entries: [],
      hasOlder: false,
      isLoadingOlder: false,
      unsent: [],
      files: [],
      draft: '',
      sender: NO_SENDER,
      answers: null,
      isAgentTyping: false,
      readUpTo: 0,
      unread: 0,
      notice: null,
    };
    client.onMessage((entry) => this.#take([entry], true));
    client.onTyping((isAgentTyping) => this.#set({ isAgentTyping }));
    client.onPresence((isOnline) => this.#set({ isOnline }));
    client.onState((connection) => this.#set({ connection }));
    client.onRead((upTo) => this.#noteRead(upTo));
    client.onSession((session) => this.#useSession(session));
  }

  get state(): ChatState {
    return this.#state;
  }

  onChange(listener: (state: ChatState) => void): () => void {
    return this.#changes.subscribe(listener);
  }

  /** @param stored what this model had put aside before a reload */
  async start(stored: string): Promise<void> {
    if (this.#state.phase !== 'closed') return;
    this.#stored = stored;
    this.#set({ phase: 'starting' });
    try {
      await this.#client.open();
    } catch {
      this.#set({ phase: 'refused' });
    }
  }

  async identify(): Promise<void> {
    if (this.#state.phase === 'closed') return;
    await this.#client.identify(undefined).catch(() => this.#set({ phase: 'refused' }));
  }

  setOpen(isOpen: boolean): void {
    this.#set({ isOpen });
    if (!isOpen) this.#client.setTyping(false);
  }

  setDraft(draft: string): void {
    this.#set({ draft, notice: null });
    this.#client.setTyping(draft.trim() !== '');
    this.#keep();
  }

  setSender(change: Partial<Sender>): void {
    this.#set({ sender: { ...this.#state.sender, ...change } });
    this.#keep();
  }

  answerQuestions(answers: Record<string, string>): void {
    this.#set({ answers });
    this.#keep();
  }

  addFiles(files: readonly File[]): void {
    const { config } = this.#state;
    if (config?.uploads.isAllowed !== true || files.length === 0) return;
    const hadRoom = this.#tray.add(files, config.uploads.maxBytes);
    this.#set({ notice: hadRoom ? null : { key: 'tooManyFiles', params: { limit: 10 } } });
  }

  removeFile(id: number): void {
    this.#tray.remove(id);
  }

  /** Sends what was written and chosen. @returns false when there is nothing to send, or not yet */
  sendDraft(): boolean {
    const { draft, files, answers, hasConversation } = this.#state;
    const text = draft.trim();
    const uploads = files.flatMap((file) => (file.done === null ? [] : [file.done]));
    if (text === '' && uploads.length === 0) return false;
    if (files.some((file) => file.done === null && file.failure === null)) return false;
    if (text.normalize('NFC').length > MAX_CUSTOMER_TEXT) {
      this.#set({ notice: { key: 'tooLong', params: { limit: MAX_CUSTOMER_TEXT } } });
      return false;
    }
    const message: KeptMessage = {
      clientId: makeUuidV7(Date.now(), crypto.getRandomValues(new Uint8Array(10))),
      text,
      uploads,
      answers: hasConversation ? {} : (answers ?? {}),
      writtenAt: Date.now(),
    };
    this.#set({ draft: '', notice: null });
    this.#tray.clear();
    this.#client.setTyping(false);
    this.#sendKept([message]);
    return true;
  }

  retry(clientId: string): void {
    const message = this.#state.unsent.find((one) => one.clientId === clientId);
    if (message === undefined) return;
    this.discard(clientId);
    this.#sendKept([message]);
  }

  discard(clientId: string): void {
    this.#set({ unsent: this.#state.unsent.filter((one) => one.clientId !== clientId) });
    this.#keep();
  }

  /** Nothing of it is kept once the relay has it. @throws WidgetApiError when the relay refuses it */
  async leaveMessage(message: { name: string; email?: string; phone?: string; text: string; website: string }) {
    await this.#client.sendOffline(message);
    this.#set({ hasConversation: true, sender: NO_SENDER });
    this.setDraft('');
  }

  async loadOlder(): Promise<void> {
    const { isLoadingOlder, hasOlder, entries } = this.#state;
    if (isLoadingOlder || !hasOlder) return;
    await this.#loadBefore(entries[0]?.seq ?? 0);
  }

  /** What is shown was seen. */
  markRead(): void {
    const newest = this.#state.entries.at(-1)?.seq ?? 0;
    if (newest <= this.#state.readUpTo) return;
    this.#noteRead(newest);
    this.#client.markRead(newest);
  }

  async fetchFile(fileId: string): Promise<Blob> {
    return await this.#client.fetchFile(fileId);
  }

  #useSession(session: WidgetSession): void {
    const { config, feed, conversation } = session;
    const language = config.language ?? this.#state.language;
    this.#set({ phase: 'ready', config, language, isOnline: config.online, hasConversation: conversation !== null });
    const isSameVisitor = this.#visitorId === session.visitor.id;
    this.#visitorId = session.visitor.id;
    if (this.#feedId === feed.id) return;
    const isFirst = this.#feedId === null;
    this.#feedId = feed.id;
    const { readUpTo, unread, head } = feed;
    this.#set({ entries: [], hasOlder: head > 0, readUpTo, unread });
    // It was found out who they are: what they are writing is theirs still.
    const kept = isSameVisitor
      ? null
      : readKeptState(isFirst ? this.#stored : '', { visitorId: session.visitor.id, feedId: feed.id });
    if (kept !== null) {
      if (!isFirst) this.#tray.clear();
      this.#set({ unsent: [], draft: kept.draft, sender: kept.sender, answers: kept.answers });
    }
    if (!isFirst) this.#keep();
    this.#postToPage({ type: 'unread', count: unread });
    if (head > 0) void this.#loadBefore(head + 1);
    if (kept !== null && kept.unsent.length > 0) this.#sendKept(kept.unsent);
  }

  async #loadBefore(beforeSeq: number): Promise<void> {
    const feedId = this.#feedId;
    this.#set({ isLoadingOlder: true });
    try {
      const page = await this.#client.listBefore(beforeSeq, PAGE_LENGTH);
      if (feedId !== this.#feedId) return;
      this.#take(page.entries, false);
      this.#set({ hasOlder: !page.isComplete });
    } catch {
      // The view offers it again.
    } finally {
      this.#set({ isLoadingOlder: false });
    }
  }

  #take(taken: readonly FeedEntry[], areNew: boolean): void {
    const known = new Set(this.#state.entries.map((entry) => entry.messageId + entry.part));
    const fresh = taken.filter((entry) => !known.has(entry.messageId + entry.part));
    if (fresh.length === 0) return;
    const entries = [...this.#state.entries, ...fresh].sort((a, b) => a.seq - b.seq);
    const arrived = new Set(fresh.map((entry) => entry.clientId));
    const unsent = this.#state.unsent.filter((one) => !arrived.has(one.clientId));
    this.#set({ entries, unsent, hasConversation: true });
    this.#keep();
    if (!areNew) return;
    for (const { author, text } of fresh) this.#postToPage({ type: 'message', author, text });
    this.#countUnread(this.#state.unread + fresh.filter((entry) => entry.author === 'agent').length);
  }

  #noteRead(upTo: number): void {
    if (upTo <= this.#state.readUpTo) return;
    this.#set({ readUpTo: upTo });
    this.#countUnread(this.#state.entries.filter((entry) => entry.author === 'agent' && entry.seq > upTo).length);
  }

  #countUnread(unread: number): void {
    if (unread === this.#state.unread) return;
    this.#set({ unread });
    this.#postToPage({ type: 'unread', count: unread });
  }

  #sendKept(messages: readonly KeptMessage[]): void {
    const sending = messages.map((message) => ({ ...message, failure: null }));
    this.#set({ unsent: [...this.#state.unsent, ...sending] });
    this.#keep();
    for (const message of messages) void this.#send(message);
  }

  async #send({ clientId, text, uploads, answers }: KeptMessage): Promise<void> {
    const visitorId = this.#visitorId;
    const feedId = this.#feedId;
    const attachments = uploads.map((upload) => upload.uploadId);
    try {
      const { entry } = await this.#client.send({ clientId, text, attachments, answers });
      // The feed brings it too; whichever is first.
      if (feedId === this.#feedId) this.#take([entry], true);
    } catch (error) {
      const body = error instanceof WidgetApiError ? error.body : null;
      if (body?.reason === 'closed' || visitorId !== this.#visitorId) return;
      const failure = { key: textKeyOf(body?.reason, 'refused-message'), params: body?.params ?? {} };
      this.#set({ unsent: this.#state.unsent.map((one) => (one.clientId === clientId ? { ...one, failure } : one)) });
    }
  }

  /** Puts aside what a reload must not lose, before the relay has it. */
  #keep(): void {
    if (this.#feedId === null || this.#visitorId === null) return;
    const { draft, sender, answers, unsent } = this.#state;
    const messages = unsent.map(({ failure: _failure, ...message }) => message);
    const whose = { visitorId: this.#visitorId, feedId: this.#feedId };
    const kept: KeptState = { ...whose, draft, sender, answers, unsent: messages };
    this.#postToPage({ type: 'store', value: JSON.stringify(kept) });
  }

  #set(change: Partial<ChatState>): void {
    this.#state = { ...this.#state, ...change };
    this.#changes.publish(this.#state);
  }
}

export function languageOf(locale: string): Language {
  return /^vi\b/i.test(locale) ? 'vi' : 'en';
}
