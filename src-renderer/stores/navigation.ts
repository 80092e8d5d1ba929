import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ConversationFilter } from '../../shared/core-api/requests.ts';
import type { ListSort } from './conversation-lists.ts';

export type ListView = ConversationFilter['view'];

/** What the window shows besides the tabs. */
export interface NavigationState {
  /** `attention` shows the refused commands in place of the list and the conversation. */
  view: ListView;
  queueId: string | null;
  sort: ListSort;
  /** Search results stand in the place of the list. */
  isSearching: boolean;
  isCommandMenuOpen: boolean;
  isHelpOpen: boolean;
  showList(view: ListView, queueId?: string | null): void;
  setSort(sort: ListSort): void;
  /** Leaves a view that covers the conversation. */
  showConversation(): void;
  setSearching(isSearching: boolean): void;
  setCommandMenu(isOpen: boolean): void;
  setHelp(isOpen: boolean): void;
}

export function createNavigationStore(): StoreApi<NavigationState> {
  return createStore<NavigationState>((set, get) => ({
    view: 'mine',
    queueId: null,
    sort: 'newest',
    isSearching: false,
    isCommandMenuOpen: false,
    isHelpOpen: false,
    showList(view, queueId = null) {
      set({ view, queueId, isSearching: false, sort: view === 'waiting' ? 'waiting-longest' : 'newest' });
    },
    setSort: (sort) => set({ sort }),
    showConversation() {
      if (get().view === 'attention') get().showList('mine');
    },
    setSearching: (isSearching) => set({ isSearching }),
    setCommandMenu: (isCommandMenuOpen) => set({ isCommandMenuOpen }),
    setHelp: (isHelpOpen) => set({ isHelpOpen }),
  }));
}
