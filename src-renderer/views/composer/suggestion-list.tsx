import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Avatar } from '../../components/avatar.tsx';
import styles from './suggestion-list.module.css';
import type { Suggestion, Suggestions } from './use-suggestions.ts';

/** The list above the box. The focus stays in the box; options are told by `aria-activedescendant`. */
export function SuggestionList({ id, suggestions }: { id: string; suggestions: Suggestions }) {
  const { t } = useTranslation('composer');
  const { items, active, sign, text } = suggestions;
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: 'nearest' });
  }, [active, items]);
  const isCanned = sign === '/';
  const shown = items[active];
  return (
    // The box must not lose the focus to a click in here.
    <div className={styles.popup} onPointerDown={(event) => event.preventDefault()}>
      {items.length === 0 ? (
        <p className={styles.none} role="status">
          {t(isCanned ? 'canned.none' : 'mention.none', { text })}
        </p>
      ) : (
        <div className={styles.columns}>
          <ul
            ref={list}
            id={id}
            className={styles.list}
            role="listbox"
            aria-label={t(isCanned ? 'canned.label' : 'mention.label')}
          >
            {items.map((item, index) => (
              <li
                key={item.id}
                id={`${id}-${index}`}
                role="option"
                aria-selected={index === active}
                className={styles.option}
                onPointerMove={() => index !== active && suggestions.setActive(index)}
                onClick={() => suggestions.pick(index)}
              >
                <Option item={item} />
              </li>
            ))}
          </ul>
          {shown?.kind === 'canned' && (
            <div className={styles.preview} dir="auto" lang={shown.cannedReply.language}>
              {suggestions.preview}
            </div>
          )}
        </div>
      )}
      <footer className={styles.footer}>{t('canned.hint')}</footer>
    </div>
  );
}

function Option({ item }: { item: Suggestion }) {
  const { t } = useTranslation('conversation');
  if (item.kind === 'colleague') {
    return (
      <>
        <Avatar id={item.agent.id} name={item.agent.name} size={22} />
        <span className={styles.title}>{item.agent.name}</span>
        <span className={styles.shortcut}>{t(`pick.presence.${item.agent.presence}`)}</span>
      </>
    );
  }
  return (
    <>
      <span className={styles.shortcut}>/{item.cannedReply.shortcut}</span>
      <span className={styles.title}>{item.cannedReply.title}</span>
    </>
  );
}
