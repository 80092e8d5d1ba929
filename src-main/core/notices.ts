import type { SyncStatus } from '../../shared/core-api/views.ts';
import type { SettingStore } from './outbox/setting-store.ts';

type Notice = NonNullable<SyncStatus['notice']>;

const SETTING = 'core.notice';

/**
 * What the agent should be told once, until it is dismissed; over restarts. The newest is shown, and when it is dismissed
 * the one before it: a cache that is fetched again must not hide that what was not sent was moved aside.
 */
export class Notices {
  readonly #settings: SettingStore;
  readonly #makeId: () => string;
  readonly #onChange: () => void;

  constructor(settings: SettingStore, makeId: () => string, onChange: () => void) {
    this.#settings = settings;
    this.#makeId = makeId;
    this.#onChange = onChange;
  }

  get current(): Notice | null {
    return this.#all().at(-1) ?? null;
  }

  add(reason: string): void {
    const others = this.#all().filter((one) => one.reason !== reason);
    this.#keep([...others, { id: this.#makeId(), reason }]);
  }

  /** Says nothing while it is said already. */
  addUnlessThere(reason: string): void {
    if (!this.#all().some((one) => one.reason === reason)) this.add(reason);
  }

  dismiss(id: string): void {
    const others = this.#all().filter((one) => one.id !== id);
    if (others.length < this.#all().length) this.#keep(others);
  }

  #all(): Notice[] {
    // Earlier versions kept one, or null.
    const kept = this.#settings.get(SETTING) as Notice[] | Notice | null;
    return kept === null || Array.isArray(kept) ? (kept ?? []) : [kept];
  }

  #keep(notices: Notice[]): void {
    this.#settings.set(SETTING, notices);
    this.#onChange();
  }
}
