import { createStore, type StoreApi } from 'zustand/vanilla';
import { z } from 'zod';
import type { CoreClient } from '../core-client/core-client.ts';
import type { Clock } from '../../shared/primitives/clock.ts';
import { LIST_VIEWS } from './navigation.ts';

/** Settings by name, each with what fits it: a stored value may be of another version, and is then left at its default. */
const settingSchemas = {
  language: z.enum(['vi', 'en']),
  theme: z.enum(['light', 'dark', 'system']),
  /** What sends a reply; the other combination makes a new line. */
  sendWith: z.enum(['enter', 'ctrl-enter']),
  hasNotifications: z.boolean(),
  /** Sizes in CSS pixels. */
  panes: z.object({
    list: z.number(),
    sidebar: z.number(),
    isRailNarrow: z.boolean(),
    isSidebarOpen: z.boolean(),
  }),
  /** The list that was shown last; null before the first choice. */
  list: z.object({ view: z.enum(LIST_VIEWS), queueId: z.string().nullable() }).nullable(),
  /** Where somebody signed in here last, offered the next time. */
  lastSignIn: z.object({ relayUrl: z.string(), email: z.string() }).nullable(),
  /** Parts of the customer's sidebar that were shut. */
  closedSections: z.array(z.string()).readonly(),
} as const;

export type Settings = { [Name in keyof typeof settingSchemas]: z.infer<(typeof settingSchemas)[Name]> };
export type Language = Settings['language'];
export type Theme = Settings['theme'];

export const DEFAULT_SETTINGS: Settings = {
  language: 'vi',
  theme: 'system',
  sendWith: 'enter',
  hasNotifications: true,
  panes: { list: 332, sidebar: 288, isRailNarrow: false, isSidebarOpen: true },
  list: null,
  lastSignIn: null,
  closedSections: [],
};

export interface SettingsState extends Settings {
  set<Key extends keyof Settings>(key: Key, value: Settings[Key]): void;
  /** What was chosen just now is saved at once: the window is being hidden or closed. */
  saveNow(): void;
}

export type SettingsStore = StoreApi<SettingsState>;

/** Where a copy is kept that can be read before the core answers, so that the first paint has the right colours. */
export type EarlyCopy = Pick<Storage, 'getItem' | 'setItem'>;

const EARLY_KEY = 'liendesk.settings';
const SAVE_DELAY_MS = 300;
const keyOf = (name: keyof Settings) => `ui.${name}`;

export function createSettingsStore(core: CoreClient, clock: Clock, earlyCopy: EarlyCopy): SettingsStore {
  const unsaved = new Map<keyof Settings, { cancel: () => void; save: () => void }>();
  return createStore<SettingsState>((set, get) => ({
    ...DEFAULT_SETTINGS,
    ...readEarlyCopy(earlyCopy),
    set(key, value) {
      set({ [key]: value } as Partial<SettingsState>);
      writeEarlyCopy(earlyCopy, get());
      unsaved.get(key)?.cancel();
      const save = () => {
        unsaved.delete(key);
        // Before sign-in the core has no place for it yet; the early copy holds it until then.
        core.request('setting.set', { key: keyOf(key), value: get()[key] }).catch(() => {});
      };
      unsaved.set(key, { cancel: clock.after(SAVE_DELAY_MS, save), save });
    },
    saveNow() {
      for (const { cancel, save } of unsaved.values()) {
        cancel();
        save();
      }
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
    return Object.fromEntries(Object.entries(stored).filter(([name, value]) => isSetting(name, value)));
  } catch {
    return {};
  }
}

function writeEarlyCopy(earlyCopy: EarlyCopy, state: Settings): void {
  const kept = Object.fromEntries(Object.keys(settingSchemas).map((name) => [name, state[name as keyof Settings]]));
  try {
    earlyCopy.setItem(EARLY_KEY, JSON.stringify(kept));
  } catch {
    // A full or forbidden store only costs the right colours of the first paint.
  }
}

function isSetting(name: string, value: unknown): boolean {
  return name in settingSchemas && settingSchemas[name as keyof Settings].safeParse(value).success;
}
