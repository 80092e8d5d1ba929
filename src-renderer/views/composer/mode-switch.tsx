import { Lock, Reply } from 'lucide-react';
import type { KeyboardEvent, ReactNode } from 'react';
import { useTexts } from '../../locales/use-texts.ts';
import { joinClasses } from '../../components/join-classes.ts';
import { keyNames } from '../../shortcuts/key-names.ts';
import { SHORTCUTS } from '../../shortcuts/shortcut-list.ts';
import type { ConversationDrafts, DraftKind } from '../../stores/drafts.ts';
import styles from './composer.module.css';

interface Props {
  draft: ConversationDrafts;
  onChange: (mode: DraftKind) => void;
}

/** Reply or note: one stop of the Tab key, arrows go from one to the other. A dot tells of text in the one behind. */
export function ModeSwitch({ draft, onChange }: Props) {
  const { t } = useTexts('composer');
  const { mode } = draft;
  const hint = t('mode.switch', { keys: keyNames(SHORTCUTS['toggle-note'].keys[0], navigator.platform).join('+') });
  const option = (one: DraftKind, sign: ReactNode, className?: string) => (
    <button
      type="button"
      role="radio"
      aria-checked={mode === one}
      data-state={mode === one ? 'on' : 'off'}
      tabIndex={mode === one ? 0 : -1}
      className={joinClasses(styles.mode, className)}
      title={hint}
      onClick={() => mode !== one && onChange(one)}
    >
      {sign}
      {t(`mode.${one}`)}
      {mode !== one && draft[one].text.trim() !== '' && <span className={styles.dot} aria-hidden />}
    </button>
  );
  return (
    <div role="radiogroup" aria-label={t('mode.label')} className={styles.modes} onKeyDown={moveFocus}>
      {option('reply', <Reply size={14} aria-hidden />)}
      {option('note', <Lock size={13} aria-hidden />, styles.noteMode)}
    </div>
  );
}

/** Moves the focus only: whoever chooses a kind of text goes on in its box, and may only have wanted to look. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  if (!['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End'].includes(event.key)) return;
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const [first, last] = event.currentTarget.querySelectorAll<HTMLElement>('[role="radio"]');
  const isToLast = event.key === 'End' || (event.key !== 'Home' && document.activeElement === first);
  event.preventDefault();
  (isToLast ? last : first)?.focus();
}
