import { keyNames } from '../shortcuts/key-names.ts';
import { SHORTCUTS, type ShortcutId } from '../shortcuts/shortcut-list.ts';
import styles from './key-hint.module.css';

/** The keys of a shortcut as small key caps; the first alternative unless `keys` names one. */
export function KeyHint({ shortcut, keys }: { shortcut?: ShortcutId; keys?: string }) {
  const shown = keys ?? (shortcut === undefined ? undefined : SHORTCUTS[shortcut].keys[0]);
  if (shown === undefined) return null;
  return (
    <span className={styles.hint}>
      {keyNames(shown, navigator.platform).map((name) => (
        <kbd key={name} className={styles.key}>
          {name}
        </kbd>
      ))}
    </span>
  );
}
