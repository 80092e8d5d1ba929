import { CircleAlert, File as FileIcon, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Attachment } from '../../../shared/domain/conversation/message.ts';
import { errorText } from '../../locales/error-text.ts';
import { isPicture } from '../../stores/files.ts';
import type { Upload } from '../../stores/drafts.ts';
import { formatSize } from '../conversation/format-size.ts';
import { useFileUrl } from '../conversation/use-file-url.ts';
import styles from './attachment-tray.module.css';

interface Props {
  conversationId: string;
  attachments: readonly Attachment[];
  uploads: readonly Upload[];
  onRemove: (fileId: string) => void;
  onRemoveUpload: (uploadId: string) => void;
}

/** Files that go out with the text, and those that are still on their way into the console. */
export function AttachmentTray({ conversationId, attachments, uploads, onRemove, onRemoveUpload }: Props) {
  const { t, i18n } = useTranslation('composer');
  if (attachments.length === 0 && uploads.length === 0) return null;
  return (
    <ul className={styles.tray} aria-label={t('attachments')}>
      {attachments.map((attachment) => (
        <li key={attachment.fileId} className={styles.file}>
          {isPicture(attachment) ? (
            <Picture conversationId={conversationId} attachment={attachment} />
          ) : (
            <FileIcon size={18} className={styles.icon} aria-hidden />
          )}
          <span className={styles.text}>
            <bdi className={styles.name} title={attachment.name}>
              {attachment.name}
            </bdi>
            <span className={styles.detail}>{formatSize(attachment.size, i18n.language)}</span>
          </span>
          <Remove name={attachment.name} onClick={() => onRemove(attachment.fileId)} />
        </li>
      ))}
      {uploads.map((upload) => (
        <li key={upload.id} className={styles.file} data-failed={upload.error !== null || undefined}>
          {upload.error === null ? (
            <FileIcon size={18} className={styles.icon} aria-hidden />
          ) : (
            <CircleAlert size={18} className={styles.icon} aria-hidden />
          )}
          <span className={styles.text}>
            <bdi className={styles.name} title={upload.name}>
              {upload.name}
            </bdi>
            {upload.error === null ? (
              <progress
                className={styles.progress}
                value={upload.progress}
                aria-label={t('uploading', { name: upload.name, percent: Math.round(upload.progress * 100) })}
              />
            ) : (
              <span className={styles.detail} role="alert">
                {errorText(i18n.t, upload.error)}
              </span>
            )}
          </span>
          <Remove name={upload.name} onClick={() => onRemoveUpload(upload.id)} />
        </li>
      ))}
    </ul>
  );
}

function Picture({ conversationId, attachment }: { conversationId: string; attachment: Attachment }) {
  const { url } = useFileUrl(conversationId, attachment);
  return <span className={styles.picture}>{url !== null && <img src={url} alt="" draggable={false} />}</span>;
}

function Remove({ name, onClick }: { name: string; onClick: () => void }) {
  const { t } = useTranslation('composer');
  return (
    <button type="button" className={styles.remove} aria-label={t('remove', { name })} onClick={onClick}>
      <X size={14} aria-hidden />
    </button>
  );
}
