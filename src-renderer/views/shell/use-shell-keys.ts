import { useConsole } from '../../stores/console-context.ts';
import { useShortcut } from '../../shortcuts/use-shortcut.ts';

/** Shortcuts that hold wherever the focus is. */
export function useShellKeys(): void {
  const { actions, navigation, selection, settings, tabs } = useConsole();

  /**
   * What an action is about: the selection, else the row that the arrow keys stand on, else the open conversation, where
   * it is on the screen: nobody is to close what something else covers.
   */
  const targets = (): string[] => {
    const { ids } = selection.getState();
    if (ids.size > 0) return [...ids];
    const { focusedId, view } = navigation.getState();
    if (view === 'attention') return [];
    const isInList = document.activeElement?.closest('[data-shortcuts="list"]') != null;
    const one = isInList && focusedId !== null ? focusedId : tabs.getState().activeId;
    return one === null ? [] : [one];
  };
  const act = (run: (ids: readonly string[]) => Promise<void>) => {
    const ids = targets();
    if (ids.length === 0) return false;
    if (selection.getState().ids.size > 0) selection.getState().clear();
    void run(ids);
    return true;
  };
  const pick = (kind: 'assign' | 'move' | 'snooze') => {
    const ids = targets();
    if (ids.length === 0) return false;
    navigation.getState().openPicker(kind, ids);
    return true;
  };
  useShortcut('assign-to-me', () => act(actions.assignToMe));
  useShortcut('close', () => act(actions.close));
  useShortcut('assign', () => pick('assign'));
  useShortcut('move', () => pick('move'));
  useShortcut('snooze', () => pick('snooze'));

  useShortcut('command-menu', () => navigation.getState().openDialog('command-menu'));
  useShortcut('help', () => navigation.getState().openDialog('help'));
  useShortcut('search', () => navigation.getState().setSearching(true));
  const toggle = (part: 'isRailNarrow' | 'isSidebarOpen') => {
    const { panes, set } = settings.getState();
    set('panes', { ...panes, [part]: !panes[part] });
  };
  useShortcut('toggle-rail', () => toggle('isRailNarrow'));
  useShortcut('toggle-sidebar', () => toggle('isSidebarOpen'));
  useShortcut('next-pane', () => focusPane(1));
  useShortcut('previous-pane', () => focusPane(-1));
}

const FOCUSABLE = 'button:not([tabindex="-1"]), [href], input, textarea, select, [tabindex="0"]';

/** The panes in the order in which they stand, marked `data-pane`. */
function focusPane(step: 1 | -1): void {
  const panes = [...document.querySelectorAll<HTMLElement>('[data-pane]')].filter(
    (pane) => isShown(pane) && (pane.matches(FOCUSABLE) || pane.querySelector(FOCUSABLE) !== null),
  );
  if (panes.length === 0) return;
  const current = panes.findIndex((pane) => pane.contains(document.activeElement));
  const next = panes[(current + step + panes.length) % panes.length]!;
  (next.matches(FOCUSABLE) ? next : next.querySelector<HTMLElement>(FOCUSABLE))?.focus();
}

/** A narrow window leaves panes out. Where nothing is laid out, as in tests, all count as shown. */
function isShown(pane: HTMLElement): boolean {
  return (pane.checkVisibility as (() => boolean) | undefined)?.call(pane) ?? true;
}
