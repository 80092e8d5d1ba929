import { memo, type MouseEvent, useState } from 'react';
import { useTexts } from '../../locales/use-texts.ts';
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
  const [isOpen, setOpen] = useState(false);
  const length = shownLength(text);
  const isCut = length < text.length;
  const shown = isCut && !isOpen ? `${text.slice(0, length).trimEnd()}…` : text;
  return (
    <>
      <div className={styles.text} dir="auto">
        {splitLinks(shown).map((part, index) =>
          part.kind === 'text' ? part.text : <Link key={index} url={part.url} text={part.text} />,
        )}
      </div>
      {isCut && <MoreButton size={text.length} isOpen={isOpen} onToggle={() => setOpen(!isOpen)} />}
    </>
  );
});

function MoreButton({ size, isOpen, onToggle }: { size: number; isOpen: boolean; onToggle: () => void }) {
  const { t, i18n } = useTexts('conversation');
  return (
    <button type="button" className={styles.more} aria-expanded={isOpen} onClick={onToggle}>
      {isOpen ? t('message.showLess') : t('message.showMore', { size: formatSize(size, i18n.language) })}
    </button>
  );
}

function Link({ url, text }: { url: string; text: string }) {
  const { t } = useTexts('conversation');
  const openExternal = useOpenExternal();
  const open = (event: MouseEvent) => {
    // A link inside the window would replace the console itself.
    event.preventDefault();
    openExternal(url);
  };
  return (
    <a
      className={styles.link}
      href={url}
      rel="noopener noreferrer nofollow"
      target="_blank"
      title={t('message.linkTo', { url })}
      onClick={open}
      onAuxClick={(event) => event.button === 1 && open(event)}
      draggable={false}
    >
      {text}
    </a>
  );
}
