import { useSyncExternalStore } from 'react';
import { useConsole } from './console-context.ts';

/** Epoch ms, told anew once a minute. */
export function useMinute(): number {
  const { minute } = useConsole();
  return useSyncExternalStore(minute.subscribe, minute.now);
}
