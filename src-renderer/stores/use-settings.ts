import { useStore } from 'zustand';
import { useConsole } from './console-context.ts';
import type { SettingsState } from './settings.ts';

/** `const sendWith = useSettings((settings) => settings.sendWith)` */
export function useSettings<Value>(select: (settings: SettingsState) => Value): Value {
  return useStore(useConsole().settings, select);
}
