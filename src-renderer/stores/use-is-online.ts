import { useStore } from 'zustand';
import { useConsole } from './console-context.ts';

/** Whether the console is connected and has all that the relay has. */
export function useIsOnline(): boolean {
  const { sync } = useConsole();
  return useStore(sync, ({ link, status }) => link === 'up' && status?.state === 'online');
}
