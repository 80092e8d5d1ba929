import { createStore, type StoreApi } from 'zustand/vanilla';
import type { CoreClient } from '../core-client/core-client.ts';
import type { Clock } from '../../shared/primitives/clock.ts';

export type Language = 'vi' | 'en';
export type Theme = 'light' | 'dark' | 'system';

/** Sizes in CSS pixels. */
export interface PaneSizes {
  list: number;
  sidebar: number;
  isRailNarrow: boolean;
  isSidebarOpen: boolean;
}

export interface Settings {
  language: Language;
  theme: Theme;
  /** What sends a reply; the other combination makes a new line. */
  sendWith: 'enter' | 'ctrl-enter';
  hasNotifications: boolean;
  panes: PaneSizes;
  /** Parts of the customer's sidebar that were shut. */
  closedSections: readonly string[];
}

export const DEFAULT_SETTINGS: Settings = {
  language: 'vi',
  theme: 'system',
  sendWith: 'enter',
  hasNotifications: true,
  panes: { list: 332, sidebar: 288, isRailNarrow: false, isSidebarOpen: true },
  closedSections: [],
};

export interface SettingsState extends Settings {
  set<Key extends keyof Settings>(key: Key, value: Settings[Key]): void;
}

export type SettingsStore = StoreApi<SettingsState>;

/** Where a copy is kept that can be read before the core answers, so that the first paint has the right colours. */
export type EarlyCopy = Pick<Storage, 'getItem' | 'setItem'>;

const EARLY_KEY = 'liendesk.settings';
const SAVE_DELAY_MS = 300;
const keyOf = (name: keyof Settings) => `ui.${name}`;

export function createSettingsStore(core: CoreClient, clock: Clock, earlyCopy: EarlyCopy): SettingsStore {
  const unsaved = new Map<keyof Settings, () => void>();
  return createStore<SettingsState>((set, get) => ({
    ...DEFAULT_SETTINGS,
    ...readEarlyCopy(earlyCopy),
    set(key, value) {
      set({ [key]: value } as Partial<SettingsState>);
      writeEarlyCopy(earlyCopy, get());
      unsaved.get(key)?.();
      const save = () => {
        unsaved.delete(key);
        // Before sign-in the core has no place for it yet; the early copy holds it until then.
        core.request('setting.set', { key: keyOf(key), value: get()[key] }).catch(() => {});
      };
      unsaved.set(key, clock.after(SAVE_DELAY_MS, save));
    },
  }));
}

/** Takes over what this agent chose on this device. @throws AppError of the core */
export async function loadSettings(core: CoreClient, store: SettingsStore, earlyCopy: EarlyCopy): Promise<void> {
  const names = Object.keys(DEFAULT_SETTINGS) as (keyof Settings)[];
  const answers = await Promise.all(names.map((name) => core.request('setting.get', { key: keyOf(name) })));
  const found = Object.fromEntries(
    names
      .map((name, index) => [name, answers[index]!.value] as const)
      .filter(([name, value]) => isSetting(name, value)),
  );
  store.setState(found);
  writeEarlyCopy(earlyCopy, store.getState());
}

function readEarlyCopy(earlyCopy: EarlyCopy): Partial<Settings> {
  try {
    const stored = JSON.parse(earlyCopy.getItem(EARLY_KEY) ?? '{}') as Record<string, unknown>;
    return Object.fromEntries(
      Object.entries(stored).filter(([name, value]) => isSetting(name as keyof Settings, value)),
    );
  } catch {
    return {};
  }
}

function writeEarlyCopy(earlyCopy: EarlyCopy, state: Settings): void {
  const { language, theme, sendWith, hasNotifications, panes } = state;
  try {
    earlyCopy.setItem(EARLY_KEY, JSON.stringify({ language, theme, sendWith, hasNotifications, panes }));
  } catch {
    // A full or forbidden store only costs the right colours of the first paint.
  }
}

/** A stored value may be of another version; what does not fit is left at its default. */
function isSetting(name: keyof Settings, value: unknown): boolean {
  switch (name) {
    case 'language':
      return value === 'vi' || value === 'en';
    case 'theme':
      return value === 'light' || value === 'dark' || value === 'system';
    case 'sendWith':
      return value === 'enter' || value === 'ctrl-enter';
    case 'hasNotifications':
      return typeof value === 'boolean';
    case 'closedSections':
      return Array.isArray(value) && value.every((one) => typeof one === 'string');
    case 'panes': {
      if (typeof value !== 'object' || value === null) return false;
      const { list, sidebar, isRailNarrow, isSidebarOpen } = value as Partial<PaneSizes>;
      return (
        typeof list === 'number' &&
        typeof sidebar === 'number' &&
        typeof isRailNarrow === 'boolean' &&
        typeof isSidebarOpen === 'boolean'
      );
    }
    default:
      return false;
  }
}
