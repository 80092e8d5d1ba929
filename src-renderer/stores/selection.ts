import { createStore, type StoreApi } from 'zustand/vanilla';

/** Conversations picked in the list for one action on all of them. */
export interface SelectionState {
  ids: ReadonlySet<string>;
  /** Where a range begins. */
  anchorId: string | null;
  toggle(id: string): void;
  /** Adds all of `ids` (a range, or everything). */
  add(ids: readonly string[]): void;
  setAnchor(id: string | null): void;
  clear(): void;
}

export type SelectionStore = StoreApi<SelectionState>;

/** One command takes at most so many conversations. */
export const MAX_SELECTED = 1000;

export function createSelectionStore(): SelectionStore {
  return createStore<SelectionState>((set) => ({
    ids: new Set(),
    anchorId: null,
    toggle: (id) =>
      set(({ ids }) => {
        const next = new Set(ids);
        if (!next.delete(id) && next.size < MAX_SELECTED) next.add(id);
        return { ids: next, anchorId: id };
      }),
    add: (added) => set(({ ids }) => ({ ids: new Set([...ids, ...added].slice(0, MAX_SELECTED)) })),
    setAnchor: (id) => set({ anchorId: id }),
    clear: () => set({ ids: new Set(), anchorId: null }),
  }));
}
