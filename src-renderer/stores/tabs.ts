import { createStore, type StoreApi } from 'zustand/vanilla';
import { z } from 'zod';
import type { CoreClient } from '../core-client/core-client.ts';
import type { Clock } from '../../shared/primitives/clock.ts';

/** Where a conversation was scrolled to: a message, and how many pixels of it are above the top of the view. */
const scrollPlaceSchema = z.object({ messageId: z.string(), position: z.number(), offset: z.number() });
export type ScrollPlace = z.infer<typeof scrollPlaceSchema>;

const savedTabsSchema = z.object({
  tabs: z.array(z.object({ conversationId: z.string(), scroll: scrollPlaceSchema.nullable() })),
  activeId: z.string().nullable(),
});
type SavedTabs = z.infer<typeof savedTabsSchema>;

export interface Tab {
  conversationId: string;
  /** Null: at the newest message. */
  scroll: ScrollPlace | null;
}

export interface TabState {
  tabs: Tab[];
  activeId: string | null;
  /** False until the saved tabs were read, so that an empty list is not saved over them. */
  isLoaded: boolean;
  /** Opens a conversation, in a new tab beside the active one unless it has one, and goes there by default. */
  open(conversationId: string, options?: { isActivated?: boolean }): void;
  activate(conversationId: string): void;
  close(conversationId: string): void;
  closeOthers(conversationId: string): void;
  /** Opens again what was closed last. */
  reopen(): void;
  move(conversationId: string, toIndex: number): void;
  /** The tab `step` places further, around the ends. */
  step(step: 1 | -1): void;
  setScroll(conversationId: string, scroll: ScrollPlace | null): void;
}

export type TabStore = StoreApi<TabState>;

const KEY = 'ui.tabs';
const SAVE_DELAY_MS = 250;
const MAX_REMEMBERED = 20;

export function createTabStore(): TabStore {
  const closed: string[] = [];
  return createStore<TabState>((set, get) => ({
    tabs: [],
    activeId: null,
    isLoaded: false,
    open(conversationId, { isActivated = true } = {}) {
      const { tabs, activeId } = get();
      const isOpen = tabs.some((tab) => tab.conversationId === conversationId);
      const place = tabs.findIndex((tab) => tab.conversationId === activeId) + 1 || tabs.length;
      const next = isOpen ? tabs : tabs.toSpliced(place, 0, { conversationId, scroll: null });
      set({ tabs: next, activeId: isActivated || activeId === null ? conversationId : activeId });
    },
    activate(conversationId) {
      if (get().tabs.some((tab) => tab.conversationId === conversationId)) set({ activeId: conversationId });
    },
    close(conversationId) {
      const { tabs, activeId } = get();
      const index = tabs.findIndex((tab) => tab.conversationId === conversationId);
      if (index === -1) return;
      closed.push(conversationId);
      if (closed.length > MAX_REMEMBERED) closed.shift();
      const rest = tabs.toSpliced(index, 1);
      const neighbour = rest[Math.min(index, rest.length - 1)]?.conversationId ?? null;
      set({ tabs: rest, activeId: activeId === conversationId ? neighbour : activeId });
    },
    closeOthers(conversationId) {
      const others = get().tabs.filter((tab) => tab.conversationId !== conversationId);
      for (const tab of others) get().close(tab.conversationId);
    },
    reopen() {
      const conversationId = closed.pop();
      if (conversationId !== undefined) get().open(conversationId);
    },
    move(conversationId, toIndex) {
      const { tabs } = get();
      const index = tabs.findIndex((tab) => tab.conversationId === conversationId);
      if (index === -1) return;
      const tab = tabs[index]!;
      set({ tabs: tabs.toSpliced(index, 1).toSpliced(Math.max(0, toIndex), 0, tab) });
    },
    step(step) {
      const { tabs, activeId } = get();
      if (tabs.length === 0) return;
      const index = tabs.findIndex((tab) => tab.conversationId === activeId);
      set({ activeId: tabs[(index + step + tabs.length) % tabs.length]!.conversationId });
    },
    setScroll(conversationId, scroll) {
      const before = get().tabs.find((tab) => tab.conversationId === conversationId);
      if (before === undefined || isSamePlace(before.scroll, scroll)) return;
      set(({ tabs }) => ({ tabs: tabs.map((tab) => (tab === before ? { ...tab, scroll } : tab)) }));
    },
  }));
}

function isSamePlace(one: ScrollPlace | null, other: ScrollPlace | null): boolean {
  return one?.messageId === other?.messageId && one?.position === other?.position && one?.offset === other?.offset;
}

/**
 * Restores the tabs of the last time and keeps them from now on: at most 250 ms after a change, and at once by
 * `flush` (the window is being hidden or closed).
 * @returns `flush`, and `stop` which ends it
 */
export async function keepTabs(
  core: CoreClient,
  clock: Clock,
  store: TabStore,
): Promise<{ flush: () => void; stop: () => void }> {
  const { value } = await core.request('setting.get', { key: KEY });
  const saved = savedTabsSchema.safeParse(value);
  if (saved.success) store.setState({ ...saved.data, isLoaded: true });
  else store.setState({ isLoaded: true });

  let cancel: (() => void) | null = null;
  const flush = () => {
    if (cancel === null) return;
    cancel();
    cancel = null;
    const { tabs, activeId } = store.getState();
    const value: SavedTabs = { tabs, activeId };
    core.request('setting.set', { key: KEY, value }).catch(() => later());
  };
  const later = () => {
    cancel ??= clock.after(SAVE_DELAY_MS, flush);
  };
  const unsubscribe = store.subscribe((state, previous) => {
    if (state.tabs !== previous.tabs || state.activeId !== previous.activeId) later();
  });
  return {
    flush,
    stop: () => {
      flush();
      unsubscribe();
    },
  };
}
