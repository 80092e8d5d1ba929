import { Plus, X } from 'lucide-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import { useTexts } from '../../locales/use-texts.ts';
import type { ConversationView } from '../../../shared/core-api/views.ts';
import { TAKES_FOCUS } from '../../components/use-return-focus.ts';
import { useInPlaceOpener } from '../../components/use-in-place-opener.ts';
import { errorText } from '../../locales/error-text.ts';
import { isForInputMethod } from '../../shortcuts/read-keys.ts';
import { keyNames } from '../../shortcuts/key-names.ts';
import { SHORTCUTS } from '../../shortcuts/shortcut-list.ts';
import { useShortcut, useShortcuts } from '../../shortcuts/use-shortcut.ts';
import { useConsole } from '../../stores/console-context.ts';
import styles from './tag-list.module.css';

const MOST_CHARACTERS = 40;

/** The conversation's tags: taken off with their cross, added by typing. */
export function TagList({ conversation }: { conversation: ConversationView }) {
  const { t, i18n } = useTexts('conversation');
  const { core, toasts } = useConsole();
  const [isAdding, setAdding] = useState(false);
  const { opener, giveBack } = useInPlaceOpener(isAdding);
  const shortcuts = useShortcuts();
  /** Where its key was pressed. */
  const origin = useRef<Element | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const begin = (from: Element | null) => {
    if (from !== field.current) origin.current = from;
    setAdding(true);
    field.current?.focus();
  };
  useShortcut('tag', () => begin(document.activeElement));
  // By a key, not by what took the focus.
  const leave = () => {
    const from = origin.current;
    if (from === null) giveBack();
    // What led here may be gone, as the command menu is.
    else if (from.isConnected && from !== document.body) (from as HTMLElement).focus();
    else if (!shortcuts.run('focus-composer')) giveBack();
    setAdding(false);
  };
  const { id, tags } = conversation;
  const change = (add: string[], remove: string[]) => {
    core
      .request('conversation.tag', { conversationId: id, add, remove })
      .catch((error: unknown) => toasts.getState().show({ tone: 'error', text: errorText(i18n.t, error) }));
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (isForInputMethod(event.nativeEvent)) return;
    if (event.key === 'Escape') {
      // Whatever takes the focus now, what stands there is not wanted.
      event.currentTarget.value = '';
      return leave();
    }
    if (event.key !== 'Enter') return;
    event.preventDefault();
    const tag = event.currentTarget.value.trim().toLowerCase();
    if (tag !== '' && !tags.includes(tag)) change([tag], []);
    event.currentTarget.value = '';
    if (tag === '') leave();
  };
  return (
    <ul className={styles.tags} aria-label={t('header.tags')}>
      {tags.map((tag) => (
        <li key={tag} className={styles.tag}>
          <bdi className={styles.name}>{tag}</bdi>
          <button
            type="button"
            className={styles.remove}
            aria-label={t('header.removeTag', { tag })}
            onClick={(event) => {
              // It goes with its tag; the next one, or the one that adds, has the focus.
              const next = event.currentTarget.closest('li')?.nextElementSibling;
              next?.querySelector('button')?.focus();
              change([], [tag]);
            }}
          >
            <X size={11} aria-hidden />
          </button>
        </li>
      ))}
      <li>
        {isAdding ? (
          <input
            ref={field}
            {...{ [TAKES_FOCUS]: '' }}
            className={styles.input}
            autoFocus
            maxLength={MOST_CHARACTERS}
            aria-label={t('header.addTag')}
            placeholder={t('header.newTag')}
            onKeyDown={onKeyDown}
            onBlur={(event) => {
              const tag = event.target.value.trim().toLowerCase();
              if (tag !== '' && !tags.includes(tag)) change([tag], []);
              setAdding(false);
            }}
          />
        ) : (
          <button
            ref={opener}
            type="button"
            className={styles.add}
            aria-label={t('header.addTag')}
            title={`${t('header.addTag')} (${keyNames(SHORTCUTS.tag.keys[0], navigator.platform).join('+')})`}
            onClick={() => begin(null)}
          >
            <Plus size={12} aria-hidden />
          </button>
        )}
      </li>
    </ul>
  );
}
