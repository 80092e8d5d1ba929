import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { errorText } from '../../locales/error-text.ts';
import type { ConversationList } from '../../stores/conversation-lists.ts';
import { useConsole } from '../../stores/console-context.ts';
import { useShortcut } from '../../shortcuts/use-shortcut.ts';

interface ListKeys {
  list: ConversationList;
  total: number;
  /** Puts the arrow keys on a row and brings it into view. */
  focusRow: (index: number) => void;
  /** Where the arrow keys stand now; -1 nowhere. */
  focusedIndex: () => number;
  /** Opens a conversation and leaves the list for it. */
  open: (conversationId: string) => void;
}

/** The list's own keys: moving, opening, selecting. */
export function useListKeys({ list, total, focusRow, focusedIndex, open }: ListKeys): void {
  const { t } = useTranslation();
  const { selection, tabs, toasts } = useConsole();

  const step = (by: 1 | -1) => {
    if (total === 0) return;
    const index = focusedIndex();
    focusRow(index === -1 ? (by === 1 ? 0 : total - 1) : Math.min(total - 1, Math.max(0, index + by)));
  };
  useShortcut('list-next', () => step(1));
  useShortcut('list-previous', () => step(-1));
  useShortcut('list-open', () => {
    const id = list.idAt(focusedIndex());
    if (id === null) return false;
    open(id);
    return true;
  });
  useShortcut('list-select', () => {
    const id = list.idAt(focusedIndex());
    if (id === null) return false;
    selection.getState().toggle(id);
    return true;
  });
  const extend = (by: 1 | -1) => {
    const from = list.idAt(focusedIndex());
    step(by);
    const to = list.idAt(focusedIndex());
    selection.getState().add([from, to].filter((id) => id !== null));
  };
  useShortcut('list-extend-down', () => extend(1));
  useShortcut('list-extend-up', () => extend(-1));
  useShortcut('list-first', () => focusRow(0));
  useShortcut('list-last', () => focusRow(total - 1));
  useShortcut('list-select-all', () => {
    list
      .idsBetween(0, Math.min(total, 1000) - 1)
      .then((ids) => selection.getState().add(ids))
      .catch((error: unknown) => toasts.getState().show({ tone: 'error', text: errorText(t, error) }));
  });
  useShortcut('list-clear', () => {
    if (selection.getState().ids.size === 0) return false;
    selection.getState().clear();
    return true;
  });

  const activeId = useStore(tabs, (state) => state.activeId);
  const lastPlace = useRef<{ list: ConversationList; id: string; index: number } | null>(null);
  // With every reading of the list, which is what renders it.
  useEffect(() => {
    const index = activeId === null ? -1 : list.indexOf(activeId);
    if (activeId !== null && index !== -1) lastPlace.current = { list, id: activeId, index };
  });
  const indexBeside = (by: 1 | -1): number => {
    const index = activeId === null ? -1 : list.indexOf(activeId);
    if (index !== -1) return index + by;
    const last = lastPlace.current;
    if (last === null || last.list !== list || last.id !== activeId) return Math.max(0, focusedIndex());
    // It went to another list, as what is answered does: the one that came in its place is the next. Before the first
    // and after the last there is none, as while it was there.
    return by === 1 ? last.index : last.index - 1;
  };
  // From wherever: the conversation after or before the one that is open, in the order of the list.
  const openNext = (by: 1 | -1) => {
    const id = list.idAt(indexBeside(by));
    if (id === null) return;
    focusRow(list.indexOf(id));
    open(id);
  };
  useShortcut('next-conversation', () => openNext(1));
  useShortcut('previous-conversation', () => openNext(-1));
}
