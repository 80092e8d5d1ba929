import { useConsole } from '../../stores/console-context.ts';
import { useShortcut } from '../../shortcuts/use-shortcut.ts';

/** Tabs from wherever the focus is. */
export function useTabKeys(): void {
  const { tabs } = useConsole();
  useShortcut('next-tab', () => tabs.getState().step(1));
  useShortcut('previous-tab', () => tabs.getState().step(-1));
  useShortcut('tab-by-number', (keys) => {
    const { tabs: open, activate } = tabs.getState();
    const number = Number(keys.at(-1));
    // As in browsers, 9 is the last one however many there are.
    const tab = number === 9 ? open.at(-1) : open[number - 1];
    if (tab !== undefined) activate(tab.conversationId);
  });
  useShortcut('close-tab', () => {
    const { activeId, close } = tabs.getState();
    if (activeId !== null) close(activeId);
  });
  useShortcut('reopen-tab', () => tabs.getState().reopen());
}
