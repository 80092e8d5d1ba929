import { useCallback, useEffect, useState } from 'react';
import type { AttentionItem } from '../../../shared/core-api/views.ts';
import { useConsole } from '../../stores/console-context.ts';

/** The refused commands, read again whenever the outbox says that there are others. */
export function useAttention(): { items: readonly AttentionItem[] | null; error: unknown; reload: () => void } {
  const { core } = useConsole();
  const [items, setItems] = useState<readonly AttentionItem[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const reload = useCallback(() => {
    core.request('attention.list', {}).then(
      (answer) => {
        setItems(answer.items);
        setError(null);
      },
      (failure: unknown) => setError(failure),
    );
  }, [core]);
  useEffect(() => {
    reload();
    const undos = [core.onPush('outbox', reload), core.onLink((link) => link === 'up' && reload())];
    return () => {
      for (const undo of undos) undo();
    };
  }, [core, reload]);
  return { items, error, reload };
}
