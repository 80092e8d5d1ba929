import { readKeys, type KeyPress } from './read-keys.ts';
import { SHORTCUTS, type ShortcutId } from './shortcut-list.ts';

/** Told which alternative was pressed (`Ctrl+3`). Returning false means "not mine now": the key goes on its way. */
export type ShortcutAction = (keys: string) => boolean | void;

/** Who acts on which shortcut now. The newest registration is asked first. */
export class ShortcutRegistry {
  readonly #actions = new Map<ShortcutId, ShortcutAction[]>();

  /** @returns its own undo */
  register(id: ShortcutId, action: ShortcutAction): () => void {
    const actions = this.#actions.get(id) ?? [];
    this.#actions.set(id, [action, ...actions]);
    return () => {
      this.#actions.set(
        id,
        (this.#actions.get(id) ?? []).filter((one) => one !== action),
      );
    };
  }

  isRegistered(id: ShortcutId): boolean {
    return (this.#actions.get(id)?.length ?? 0) > 0;
  }

  run(id: ShortcutId, keys = ''): boolean {
    for (const action of this.#actions.get(id) ?? []) if (action(keys) !== false) return true;
    return false;
  }

  /** @returns whether somebody acted on it; the caller then prevents the default */
  handle(press: KeyPress, place: { isText: boolean; isList: boolean }): boolean {
    const keys = readKeys(press);
    if (keys === null) return false;
    for (const [id, shortcut] of Object.entries(SHORTCUTS) as [ShortcutId, (typeof SHORTCUTS)[ShortcutId]][]) {
      if (!(shortcut.keys as readonly string[]).includes(keys)) continue;
      if (shortcut.where === 'list' && !place.isList) continue;
      if (place.isText && (shortcut.where === 'anywhere-but-text' || !isSafeInText(keys))) continue;
      if (this.run(id, keys)) return true;
    }
    return false;
  }
}

/** Without Ctrl, only function keys type nothing. */
function isSafeInText(keys: string): boolean {
  return keys.startsWith('Ctrl+') || /(^|\+)F\d+$/.test(keys);
}
