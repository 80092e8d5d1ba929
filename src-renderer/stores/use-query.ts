import { useCallback, useSyncExternalStore } from 'react';
import type { CoreInput, CoreRequestName } from '../../shared/core-api/requests.ts';
import { useConsole } from './console-context.ts';
import type { QueryState } from './query-cache.ts';

/**
 * An answer of the core that stays current: read when shown, and again when a subject of `subjects` changes.
 * `useQuery('customer.get', { customerId }, ['customer:' + customerId, 'conversation:*'])`
 */
export function useQuery<Name extends CoreRequestName>(
  name: Name,
  input: CoreInput<Name>,
  subjects: readonly string[],
): QueryState<Name> {
  const { queries } = useConsole();
  // Callers write input and subjects as literals, new ones at every rendering; what they say is what counts.
  const key = JSON.stringify([input, subjects]);
  const subscribe = useCallback(
    (listener: () => void) => {
      const [sameInput, sameSubjects] = JSON.parse(key) as [CoreInput<Name>, string[]];
      return queries.observe(name, sameInput, sameSubjects, listener);
    },
    [queries, name, key],
  );
  return useSyncExternalStore(subscribe, () => queries.state(name, input));
}
