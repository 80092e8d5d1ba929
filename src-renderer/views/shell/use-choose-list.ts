import { useCallback } from 'react';
import { useConsole } from '../../stores/console-context.ts';
import type { ListView } from '../../stores/navigation.ts';

/** Shows a list, or one of a queue. Whoever chose a list goes on in it: it takes the focus. */
export function useChooseList(): (view: ListView, queueId?: string | null) => void {
  const { navigation } = useConsole();
  return useCallback(
    (view, queueId = null) => {
      navigation.getState().showList(view, queueId);
      requestAnimationFrame(() => document.querySelector<HTMLElement>('[data-shortcuts="list"]')?.focus());
    },
    [navigation],
  );
}
