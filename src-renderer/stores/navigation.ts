import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ConversationFilter } from '../../shared/core-api/requests.ts';
import type { ListSort } from './conversation-lists.ts';

/** The lists an agent may choose; `longest` is what is open, whoever waits longest first. */
export const LIST_VIEWS = [
  'mine',
  'unassigned',
  'open',
  'longest',
  'escalated',
  'waiting',
  'snoozed',
  'closed',
  'attention',
] as const;
export type ListView = (typeof LIST_VIEWS)[number];

/** What the core is asked for to fill a list. */
export function filterOf(view: ListView, queueId: string | null): ConversationFilter {
  return { view: view === 'longest' ? 'open' : view, queueId };
}

/** What is asked for in a dialog about some conversations. */
export interface OpenPicker {
  kind: 'assign' | 'move' | 'snooze';
  conversationIds: readonly string[];
}

export type OpenDialog = 'command-menu' | 'help' | 'settings' | 'sign-out' | 'outbox';

/** What the window shows besides the tabs. */
export interface NavigationState {
  /** `attention` shows the refused commands in place of the list and the conversation. */
  view: ListView;
  queueId: string | null;
  sort: ListSort;
  /** Search results stand in the place of the list. */
  isSearching: boolean;
  /** The list's row that the arrow keys stand on. */
  focusedId: string | null;
  dialog: OpenDialog | null;
  picker: OpenPicker | null;
  showList(view: ListView, queueId?: string | null): void;
  setSort(sort: ListSort): void;
  /** Leaves a view that covers the conversation. */
  showConversation(): void;
  setSearching(isSearching: boolean): void;
  setFocused(conversationId: string | null): void;
  openDialog(dialog: OpenDialog | null): void;
  openPicker(kind: OpenPicker['kind'], conversationIds: readonly string[]): void;
  closePicker(): void;
}

export function createNavigationStore(): StoreApi<NavigationState> {
  return createStore<NavigationState>((set, get) => ({
    view: 'mine',
    queueId: null,
    sort: 'newest',
    isSearching: false,
    focusedId: null,
    dialog: null,
    picker: null,
    showList(view, queueId = null) {
      set({
        view,
        queueId,
        isSearching: false,
        focusedId: null,
        sort: view === 'longest' ? 'waiting-longest' : 'newest',
      });
    },
    setSort: (sort) => set({ sort }),
    showConversation() {
      // A search that led here stays beside it.
      if (get().view === 'attention') set({ view: 'mine', queueId: null, sort: 'newest' });
    },
    setSearching: (isSearching) => set({ isSearching }),
    setFocused: (focusedId) => set({ focusedId }),
    openDialog: (dialog) => set({ dialog }),
    openPicker: (kind, conversationIds) => {
      if (conversationIds.length > 0) set({ picker: { kind, conversationIds }, dialog: null });
    },
    closePicker: () => set({ picker: null }),
  }));
}
