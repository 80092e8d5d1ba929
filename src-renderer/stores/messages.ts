import { createStore, type StoreApi } from 'zustand/vanilla';
import type { MessageView } from '../../shared/core-api/views.ts';
import { toErrorBody } from '../../shared/errors.ts';
import type { CoreClient } from '../core-client/core-client.ts';
import { ListMeasures } from './list-measures.ts';
import { EMPTY_WINDOW, keepUnchanged, type MessageTarget, type MessageWindow } from './message-window.ts';
import { LOST } from './query-cache.ts';

/** A page of the first look and of every look further up. */
const PAGE = 50;
/** Most conversations whose messages stay at hand, so that going back to a tab shows them at once. */
const KEPT_CONVERSATIONS = 40;

export interface MessagesState {
  windows: Record<string, MessageWindow>;
  /**
   * Loads the newest page, or the pages around `place` where that lies further up. What is there already and changed
   * since is read again behind the scenes.
   */
  open(conversationId: string, place?: MessageTarget | null): Promise<void>;
  loadOlder(conversationId: string): Promise<void>;
  loadNewer(conversationId: string): Promise<void>;
  /** Reads again what is on screen, if something changed since it was read. */
  showed(conversationId: string, first: MessageView, last: MessageView): Promise<void>;
  /** Loads around a message; the list scrolls there and calls `reachedTarget`. */
  jumpTo(conversationId: string, target: MessageTarget): Promise<void>;
  reachedTarget(conversationId: string): void;
  /** The list scrolls to its end, also where newer pages had to be loaded for it. */
  jumpToNewest(conversationId: string): Promise<void>;
}

export interface MessagesStore extends StoreApi<MessagesState> {
  /** Begins to follow the core's pushes. @returns its own undo */
  start(): () => void;
  /** Forgets everything (another agent signs in). */
  clear(): void;
  readonly measures: ListMeasures;
}

/** Bookkeeping that no view shows. */
interface Reading {
  /** Goes up with every change of the conversation. */
  version: number;
  /** At which version each message was read, and the newest page as a whole. */
  readAt: Map<string, number>;
  newestReadAt: number;
  isRefreshing: boolean;
  /** Its first pages are on the way. */
  isOpening: boolean;
  /** Where it was to be opened. */
  place: MessageTarget | null;
  /** Position of the newest message when the window left the end: what comes after it is counted. */
  newestKnown: number;
  /** A page asked for before a jump must not be merged into the window after it. */
  generation: number;
}

/** Messages of the conversations that are open, loaded page by page and kept true by the core's `changed` pushes. */
export function createMessagesStore(core: CoreClient): MessagesStore {
  const readings = new Map<string, Reading>();
  const measures = new ListMeasures((id) => windowOf(id)?.isLoaded === true);

  const store = createStore<MessagesState>()(() => ({
    windows: {},
    open: async (id, place = null) => {
      const reading = touch(id);
      const window = windowOf(id);
      // The core tells of every change: what was read since the last one is what there is.
      if (window?.isLoaded === true) return reading.newestReadAt === reading.version ? undefined : refresh(id);
      // A jump that is under way brings its own pages.
      if ((window?.target ?? null) !== null) return;
      await resetToNewest(id, place);
    },
    loadOlder: (id) => loadPage(id, 'older'),
    loadNewer: (id) => loadPage(id, 'newer'),
    showed: async (id, first, last) => {
      const reading = readings.get(id);
      const window = windowOf(id);
      if (reading === undefined || window === undefined) return;
      const isStale = [first, last].some((one) => (reading.readAt.get(one.id) ?? 0) < reading.version);
      // What cannot be read for once (or may not be seen any more) stays as it is until the next change.
      if (isStale) await readAgain(id, last.position).catch(() => {});
    },
    jumpTo: (id, target) => jumpTo(id, target),
    reachedTarget: (id) => patch(id, { target: null }),
    jumpToNewest: async (id) => {
      const window = windowOf(id);
      if (window === undefined) return;
      if (window.hasNewer) await resetToNewest(id);
      // Forgotten meanwhile (another agent signed in).
      const now = windowOf(id);
      if (now !== undefined) patch(id, { endRequests: now.endRequests + 1 });
    },
  }));

  const windowOf = (id: string): MessageWindow | undefined => store.getState().windows[id];

  function patch(id: string, fields: Partial<MessageWindow>): void {
    const { windows } = store.getState();
    const before = windows[id] ?? EMPTY_WINDOW;
    const isNew =
      windows[id] === undefined ||
      Object.entries(fields).some(([name, value]) => before[name as keyof MessageWindow] !== value);
    if (isNew) store.setState({ windows: { ...windows, [id]: { ...before, ...fields } } });
  }

  /** Most recently used last; the oldest ones are let go. */
  function touch(id: string): Reading {
    const reading = readings.get(id) ?? {
      version: 0,
      readAt: new Map(),
      newestReadAt: -1,
      isRefreshing: false,
      isOpening: false,
      place: null,
      newestKnown: 0,
      generation: 0,
    };
    readings.delete(id);
    readings.set(id, reading);
    // A copy, and told in one go at the end: whoever shows one of them opens it anew, at the end of the map.
    const gone = [...readings.keys()].slice(0, Math.max(0, readings.size - KEPT_CONVERSATIONS));
    if (gone.length > 0) forget(gone);
    return reading;
  }

  function forget(ids: readonly string[]): void {
    for (const id of ids) {
      // A page that is on its way is not shown.
      readings.get(id)!.generation += 1;
      readings.delete(id);
      measures.forget(id);
    }
    store.setState(({ windows }) => ({
      windows: Object.fromEntries(Object.entries(windows).filter(([one]) => !ids.includes(one))),
    }));
  }

  function noteRead(reading: Reading, messages: readonly MessageView[], version: number): void {
    for (const message of messages) reading.readAt.set(message.id, version);
  }

  async function resetToNewest(id: string, place: MessageTarget | null = null): Promise<void> {
    const reading = touch(id);
    const generation = (reading.generation += 1);
    const { version } = reading;
    reading.isOpening = true;
    reading.place = place;
    try {
      const page = await core.request('message.list', { conversationId: id, limit: PAGE });
      if (generation !== reading.generation) return;
      const first = page.messages[0];
      if (place !== null && page.hasOlder && first !== undefined && place.position < first.position) {
        await loadAround(id, reading, place.position);
      } else {
        showPage(id, reading, version, page.messages, { ...page, hasNewer: false });
        reading.newestReadAt = version;
      }
      if (generation === reading.generation && reading.version > version) await refresh(id);
    } catch (error) {
      if (generation === reading.generation) patch(id, { error: toErrorBody(error, 'console') });
    } finally {
      if (generation === reading.generation) reading.isOpening = false;
    }
  }

  async function loadPage(id: string, side: 'older' | 'newer'): Promise<void> {
    const window = windowOf(id);
    const reading = readings.get(id);
    if (window === undefined || reading === undefined || !window.isLoaded || window.messages.length === 0) return;
    const isOlder = side === 'older';
    const isThere = isOlder ? window.hasOlder || window.isOlderMissing : window.hasNewer;
    if (!isThere || (isOlder ? window.isLoadingOlder : window.isLoadingNewer)) return;
    const { generation, version } = reading;
    patch(id, isOlder ? { isLoadingOlder: true } : { isLoadingNewer: true });
    try {
      const edge = isOlder ? { before: window.messages[0]!.position } : { after: window.messages.at(-1)!.position };
      const page = await core.request('message.list', { conversationId: id, ...edge, limit: PAGE });
      if (generation !== reading.generation) return;
      noteRead(reading, page.messages, version);
      const known = windowOf(id)!.messages;
      const ids = new Set(page.messages.map((message) => message.id));
      const rest = known.filter((message) => !ids.has(message.id));
      patch(
        id,
        isOlder
          ? {
              messages: [...page.messages, ...rest],
              hasOlder: page.hasOlder,
              isOlderMissing: page.isOlderMissing,
              isLoadingOlder: false,
            }
          : {
              messages: [...rest, ...page.messages],
              hasNewer: page.hasNewer,
              newerCount: page.hasNewer ? windowOf(id)!.newerCount : 0,
              isLoadingNewer: false,
            },
      );
    } catch (error) {
      if (generation !== reading.generation) return;
      const isOffline = toErrorBody(error, 'console').kind === 'offline';
      patch(id, isOlder ? { isLoadingOlder: false, isOlderMissing: isOffline } : { isLoadingNewer: false });
    }
  }

  function showPage(
    id: string,
    reading: Reading,
    version: number,
    messages: readonly MessageView[],
    edges: Pick<MessageWindow, 'hasOlder' | 'isOlderMissing' | 'hasNewer'>,
  ): void {
    reading.readAt.clear();
    noteRead(reading, messages, version);
    const { hasOlder, isOlderMissing, hasNewer } = edges;
    patch(id, {
      messages,
      hasOlder,
      isOlderMissing,
      hasNewer,
      newerCount: 0,
      isLoaded: true,
      isLoadingOlder: false,
      isLoadingNewer: false,
      error: null,
    });
  }

  /** The pages before and after a position, as the whole window. */
  async function loadAround(id: string, reading: Reading, position: number): Promise<void> {
    const { generation, version } = reading;
    const [upTo, following, newest] = await Promise.all([
      core.request('message.list', { conversationId: id, before: position + 1, limit: PAGE }),
      core.request('message.list', { conversationId: id, after: position, limit: PAGE }),
      core.request('message.list', { conversationId: id, limit: 1 }),
    ]);
    if (generation !== reading.generation) return;
    reading.newestKnown = newest.messages.at(-1)?.position ?? 0;
    showPage(id, reading, version, [...upTo.messages, ...following.messages], {
      ...upTo,
      hasNewer: following.hasNewer,
    });
  }

  async function jumpTo(id: string, target: MessageTarget): Promise<void> {
    const window = windowOf(id);
    touch(id);
    if (window?.isLoaded === true && window.messages.some((message) => message.id === target.messageId)) {
      patch(id, { target });
      await refresh(id);
      return;
    }
    const reading = readings.get(id)!;
    const generation = (reading.generation += 1);
    const { version } = reading;
    reading.isOpening = true;
    patch(id, { target, isLoaded: false });
    try {
      await loadAround(id, reading, target.position);
      if (generation === reading.generation && reading.version > version) await refresh(id);
    } catch {
      if (generation !== reading.generation) return;
      patch(id, { target: null });
      await resetToNewest(id);
    } finally {
      if (generation === reading.generation) reading.isOpening = false;
    }
  }

  /** Reads the newest page again and lays it over the window. One at a time; a change meanwhile runs it once more. */
  async function refresh(id: string): Promise<void> {
    const reading = readings.get(id);
    if (reading === undefined || reading.isRefreshing) return;
    reading.isRefreshing = true;
    try {
      let version: number;
      do {
        ({ version } = reading);
        await layNewestOver(id, reading, version);
        reading.newestReadAt = version;
      } while (reading.version > version);
    } catch (error) {
      // What this agent may not see any more is not kept. Else the window stays; the link comes back with a refresh.
      if (LOST.has(toErrorBody(error, 'console').kind) && readings.get(id) === reading) forget([id]);
    } finally {
      reading.isRefreshing = false;
    }
  }

  async function layNewestOver(id: string, reading: Reading, version: number): Promise<void> {
    const { generation } = reading;
    const page = await core.request('message.list', { conversationId: id, limit: PAGE });
    const window = windowOf(id);
    if (generation !== reading.generation || window === undefined || !window.isLoaded) return;
    if (window.hasNewer) {
      const isUnseen = (one: MessageView) => one.author.kind === 'customer' && one.position > reading.newestKnown;
      const unseen = page.messages.filter(isUnseen);
      patch(id, { newerCount: unseen.length });
      return;
    }
    const first = page.messages[0];
    const lastKnown = window.messages.findLast((message) => !message.isPending);
    const isTouching =
      first === undefined || lastKnown === undefined || !page.hasOlder || first.position <= lastKnown.position;
    noteRead(reading, page.messages, version);
    if (!isTouching) {
      // More than a page arrived meanwhile: what is shown stays where it is, and its newer side is open.
      reading.newestKnown = lastKnown.position;
      patch(id, { hasNewer: true, newerCount: page.messages.length });
      return;
    }
    const ids = new Set(page.messages.map((message) => message.id));
    const older =
      first === undefined ? [] : window.messages.filter((one) => one.position < first.position && !ids.has(one.id));
    patch(id, {
      messages: keepUnchanged(window.messages, [...older, ...page.messages]),
      ...(older.length === 0 ? { hasOlder: page.hasOlder, isOlderMissing: page.isOlderMissing } : {}),
      error: null,
    });
  }

  /** Reads the page that ends at a position again, where it lies further up than the newest page. */
  async function readAgain(id: string, position: number): Promise<void> {
    const reading = readings.get(id)!;
    const { generation, version } = reading;
    const page = await core.request('message.list', { conversationId: id, before: position + 1, limit: PAGE });
    const window = windowOf(id);
    if (generation !== reading.generation || window === undefined) return;
    noteRead(reading, page.messages, version);
    const fresh = new Map(page.messages.map((message) => [message.id, message]));
    const messages = window.messages.map((message) => fresh.get(message.id) ?? message);
    patch(id, { messages: keepUnchanged(window.messages, messages) });
  }

  /** Whether a conversation looks different now: itself, or the name of somebody who wrote in it. */
  function isTouched(id: string, subjects: readonly string[]): boolean {
    if (subjects.includes(`conversation:${id}`) || subjects.includes('*')) return true;
    const people = subjects.filter((subject) => subject.startsWith('customer:') || subject.startsWith('agent:'));
    if (people.length === 0) return false;
    const authors = new Set(windowOf(id)?.messages.map(({ author }) => `${author.kind}:${author.id}`));
    return people.some((person) => authors.has(person));
  }

  /** A copy: reading one anew moves it to the end of the map, where a walk over the map itself would meet it for ever. */
  function openIds(): string[] {
    return [...readings.keys()];
  }

  function readAllAgain(id: string): void {
    const reading = readings.get(id)!;
    reading.version += 1;
    if (windowOf(id)?.isLoaded === true) void refresh(id);
    // What is being opened sees the new version when its page is there; beginning again would forget its place.
    else if (!reading.isOpening) void resetToNewest(id, reading.place);
  }

  function start(): () => void {
    const undos = [
      core.onPush('changed', ({ subjects }) => {
        for (const id of openIds()) if (isTouched(id, subjects)) readAllAgain(id);
      }),
      core.onPush('status', ({ state }) => {
        if (state !== 'online') return;
        for (const [id, window] of Object.entries(store.getState().windows)) {
          if (window.isOlderMissing) patch(id, { isOlderMissing: false, hasOlder: true });
          if (window.error !== null && !window.isLoaded) void resetToNewest(id, readings.get(id)?.place);
        }
      }),
      // What was pushed while there was no link is lost, so everything shown is read again.
      core.onLink((link) => {
        if (link === 'up') for (const id of openIds()) readAllAgain(id);
      }),
    ];
    return () => {
      for (const undo of undos) undo();
    };
  }

  function clear(): void {
    for (const reading of readings.values()) reading.generation += 1;
    readings.clear();
    measures.clear();
    store.setState({ windows: {} });
  }

  return Object.assign(store, { start, clear, measures });
}
