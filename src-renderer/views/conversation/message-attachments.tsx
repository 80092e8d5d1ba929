import { Download, File as FileIcon, ImageOff } from 'lucide-react';
import { useState } from 'react';
import { useTexts } from '../../locales/use-texts.ts';
import type { Attachment } from '../../../shared/domain/conversation/message.ts';
import { isPicture } from '../../stores/files.ts';
import { formatSize } from './format-size.ts';
import { Lightbox } from './lightbox.tsx';
import styles from './message-attachments.module.css';
import { useFileUrl } from './use-file-url.ts';
import { useSaveFile } from './use-save-file.ts';

interface Props {
  conversationId: string;
  attachments: readonly Attachment[];
}

/** Pictures as thumbnails that open large, everything else as a card to save. */
export function MessageAttachments({ conversationId, attachments }: Props) {
  const [shown, setShown] = useState<number | null>(null);
  const pictures = attachments.filter(isPicture);
  const files = attachments.filter((one) => !isPicture(one));
  return (
    <>
      {pictures.length > 0 && (
        <div className={styles.pictures} data-count={Math.min(pictures.length, 3)}>
          {pictures.map((picture, index) => (
            <Thumbnail
              key={picture.fileId + index}
              conversationId={conversationId}
              attachment={picture}
              onOpen={() => setShown(index)}
            />
          ))}
        </div>
      )}
      {files.map((file, index) => (
        <FileCard key={file.fileId + index} conversationId={conversationId} attachment={file} />
      ))}
      {shown !== null && (
        <Lightbox
          conversationId={conversationId}
          pictures={pictures}
          index={shown}
          onIndex={setShown}
          onClose={() => setShown(null)}
        />
      )}
    </>
  );
}

function Thumbnail(props: { conversationId: string; attachment: Attachment; onOpen: () => void }) {
  const { t } = useTexts('conversation');
  const { attachment } = props;
  const { url, hasFailed, retry } = useFileUrl(props.conversationId, attachment);
  const [isBroken, setBroken] = useState(false);
  const isMissing = hasFailed || isBroken;
  return (
    <button
      type="button"
      className={styles.thumbnail}
      aria-label={isMissing ? t('file.failed') : t('file.open', { name: attachment.name })}
      title={attachment.name}
      onClick={isMissing ? retry : props.onOpen}
    >
      {isMissing ? (
        <span className={styles.missing}>
          <ImageOff size={20} aria-hidden />
          {t('file.failed')}
        </span>
      ) : url === null ? (
        <span className={styles.loading} />
      ) : (
        <img src={url} alt="" decoding="async" draggable={false} onError={() => setBroken(true)} />
      )}
    </button>
  );
}

function FileCard({ conversationId, attachment }: { conversationId: string; attachment: Attachment }) {
  const { t, i18n } = useTexts('conversation');
  const save = useSaveFile(conversationId);
  const [isSaving, setSaving] = useState(false);
  const download = () => {
    setSaving(true);
    void save(attachment).finally(() => setSaving(false));
  };
  return (
    <button
      type="button"
      className={styles.file}
      aria-label={t('file.download', { name: attachment.name })}
      aria-busy={isSaving}
      disabled={isSaving}
      onClick={download}
    >
      <span className={styles.fileIcon}>
        <FileIcon size={18} aria-hidden />
        <span className={styles.extension}>{extensionOf(attachment.name)}</span>
      </span>
      <span className={styles.fileText}>
        <bdi className={styles.fileName} title={attachment.name}>
          {attachment.name}
        </bdi>
        <span className={styles.fileSize}>{formatSize(attachment.size, i18n.language)}</span>
      </span>
      <Download size={16} className={styles.download} aria-hidden />
    </button>
  );
}

/** What the name says it is, up to four letters; only for the eye. */
function extensionOf(name: string): string {
  return /\.([a-z0-9]{1,4})$/i.exec(name)?.[1]?.toUpperCase() ?? '';
}
