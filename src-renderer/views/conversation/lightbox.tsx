import { ChevronLeft, ChevronRight, Download, X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { type KeyboardEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Attachment } from '../../../shared/domain/conversation/message.ts';
import { useReturnFocus } from '../../components/use-return-focus.ts';
import styles from './lightbox.module.css';
import { useFileUrl } from './use-file-url.ts';
import { useSaveFile } from './use-save-file.ts';

interface Props {
  conversationId: string;
  pictures: readonly Attachment[];
  index: number;
  onIndex: (index: number) => void;
  onClose: () => void;
}

/** Pictures of one message over the whole window; arrows go from one to the next, Escape closes. */
export function Lightbox({ conversationId, pictures, index, onIndex, onClose }: Props) {
  const { t } = useTranslation('conversation');
  const picture = pictures[index]!;
  const { url, hasFailed } = useFileUrl(conversationId, picture);
  const save = useSaveFile(conversationId);
  const content = useRef<HTMLDivElement>(null);
  const { remember, onCloseAutoFocus } = useReturnFocus();
  const step = (by: number) => onIndex((index + by + pictures.length) % pictures.length);
  const onKey = (event: KeyboardEvent) => {
    if (pictures.length < 2) return;
    if (event.key === 'ArrowLeft') step(-1);
    else if (event.key === 'ArrowRight') step(1);
  };
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className={styles.overlay} />
        <Dialog.Content
          ref={content}
          className={styles.content}
          aria-describedby={undefined}
          onKeyDown={onKey}
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            remember();
            content.current?.focus();
          }}
          onCloseAutoFocus={onCloseAutoFocus}
        >
          <header className={styles.bar}>
            <Dialog.Title className={styles.name}>
              <bdi>{picture.name}</bdi>
            </Dialog.Title>
            {pictures.length > 1 && (
              <span className={styles.count}>{t('file.of', { index: index + 1, total: pictures.length })}</span>
            )}
            <button
              type="button"
              className={styles.button}
              aria-label={t('file.download', { name: picture.name })}
              onClick={() => void save(picture)}
            >
              <Download size={18} aria-hidden />
            </button>
            <Dialog.Close className={styles.button} aria-label={t('file.close')}>
              <X size={18} aria-hidden />
            </Dialog.Close>
          </header>
          <div className={styles.stage} onClick={(event) => event.target === event.currentTarget && onClose()}>
            {hasFailed ? <p>{t('file.failed')}</p> : url !== null && <img src={url} alt={picture.name} />}
          </div>
          {pictures.length > 1 && (
            <>
              <button
                type="button"
                className={styles.previous}
                aria-label={t('file.previous')}
                onClick={() => step(-1)}
              >
                <ChevronLeft size={24} aria-hidden />
              </button>
              <button type="button" className={styles.next} aria-label={t('file.next')} onClick={() => step(1)}>
                <ChevronRight size={24} aria-hidden />
              </button>
            </>
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
