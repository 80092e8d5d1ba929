import { memo, type MouseEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useOpenExternal } from '../../stores/use-open-external.ts';
import { formatSize } from './format-size.ts';
import { shownLength } from './collapse-text.ts';
import styles from './message-text.module.css';
import { splitLinks } from './split-links.ts';

/**
 * What somebody wrote, as text and nothing else: no markup is ever made of it. It is isolated from the direction of
 * what stands around it, and cut off where marks pile up beyond its box.
 */
export const MessageText = memo(function MessageText({ text }: { text: string }) {
  const { t, i18n } = useTranslation('conversation');
  const [isOpen, setOpen] = useState(false);
  const length = shownLength(text);
  const isCut = length < text.length;
  const shown = isCut && !isOpen ? `${text.slice(0, length).trimEnd()}…` : text;
  return (
    <>
      <div className={styles.text} dir="auto">
        <LinkedText text={shown} />
      </div>
      {isCut && (
        <button type="button" className={styles.more} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? t('message.showLess') : t('message.showMore', { size: formatSize(text.length, i18n.language) })}
        </button>
      )}
    </>
  );
});

function LinkedText({ text }: { text: string }) {
  const { t } = useTranslation('conversation');
  const openExternal = useOpenExternal();
  const open = (event: MouseEvent, url: string) => {
    // A link inside the window would replace the console itself.
    event.preventDefault();
    openExternal(url);
  };
  return splitLinks(text).map((part, index) =>
    part.kind === 'text' ? (
      part.text
    ) : (
      <a
        key={index}
        className={styles.link}
        href={part.url}
        rel="noopener noreferrer nofollow"
        target="_blank"
        title={t('message.linkTo', { url: part.url })}
        onClick={(event) => open(event, part.url)}
        onAuxClick={(event) => event.button === 1 && open(event, part.url)}
        draggable={false}
      >
        {part.text}
      </a>
    ),
  );
}
