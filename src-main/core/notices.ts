import type { SyncStatus } from '../../shared/core-api/views.ts';
import type { SettingStore } from './outbox/setting-store.ts';

type Notice = SyncStatus['notice'];

const SETTING = 'core.notice';

/** The newest thing that the agent should be told once, until it is dismissed; over restarts. */
export class Notices {
  readonly #settings: SettingStore;
  readonly #makeId: () => string;
  readonly #onChange: () => void;

  constructor(settings: SettingStore, makeId: () => string, onChange: () => void) {
    this.#settings = settings;
    this.#makeId = makeId;
    this.#onChange = onChange;
  }

  get current(): Notice {
    return this.#settings.get(SETTING) as Notice;
  }

  add(reason: string): void {
    this.#settings.set(SETTING, { id: this.#makeId(), reason });
    this.#onChange();
  }

  /** Says nothing while it is what was said last. */
  addUnlessThere(reason: string): void {
    if (this.current?.reason !== reason) this.add(reason);
  }

  dismiss(id: string): void {
    if (this.current?.id !== id) return;
    this.#settings.set(SETTING, null);
    this.#onChange();
  }
}
