import { useEffect, useRef, useState } from 'preact/hooks';
import type { Attachment } from '../../../shared/domain/conversation/message.ts';
import { formatSize } from '../day-and-time.ts';
import { useChatTools } from './chat-context.ts';
import { Icon } from './icons.tsx';

const SHOWN = /^image\/(png|jpeg|gif|webp|avif)$/;

export function AttachmentView({ attachment }: { attachment: Attachment }) {
  return SHOWN.test(attachment.mediaType) ? (
    <ImageView attachment={attachment} />
  ) : (
    <FileView attachment={attachment} />
  );
}

function ImageView({ attachment }: { attachment: Attachment }) {
  const { model, say } = useChatTools();
  const [url, setUrl] = useState<string | null>(null);
  const [hasFailed, setFailed] = useState(false);
  const [isLarge, setLarge] = useState(false);
  useEffect(() => {
    let made: string | null = null;
    let isGone = false;
    model.fetchFile(attachment.fileId).then(
      (blob) => {
        if (isGone) return;
        made = URL.createObjectURL(new Blob([blob], { type: attachment.mediaType }));
        setUrl(made);
      },
      () => setFailed(true),
    );
    return () => {
      isGone = true;
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [model, attachment.fileId, attachment.mediaType]);
  if (hasFailed) return <FileView attachment={attachment} />;
  if (url === null) return <div class="image waiting" />;
  return (
    <>
      <button type="button" class="image" aria-label={say('openImage')} onClick={() => setLarge(true)}>
        <img src={url} alt={attachment.name} onError={() => setFailed(true)} />
      </button>
      {isLarge && <Lightbox url={url} name={attachment.name} onClose={() => setLarge(false)} />}
    </>
  );
}

function Lightbox({ url, name, onClose }: { url: string; name: string; onClose: () => void }) {
  const { say } = useChatTools();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="lightbox" aria-label={name} onClose={onClose} onClick={() => dialog.current?.close()}>
      <img src={url} alt={name} />
      <a
        class="round"
        href={url}
        download={name}
        aria-label={say('download')}
        onClick={(event) => event.stopPropagation()}
      >
        <Icon name="down" />
      </a>
      <button type="button" class="round" aria-label={say('closeImage')}>
        <Icon name="cross" />
      </button>
    </dialog>
  );
}

function FileView({ attachment }: { attachment: Attachment }) {
  const { model, language, say } = useChatTools();
  const [step, setStep] = useState<'idle' | 'loading' | 'failed'>('idle');
  const save = async () => {
    setStep('loading');
    try {
      saveBlob(await model.fetchFile(attachment.fileId), attachment.name);
      setStep('idle');
    } catch {
      setStep('failed');
    }
  };
  return (
    <button type="button" class="file" disabled={step === 'loading'} onClick={() => void save()}>
      <span class="file-icon">
        <Icon name={step === 'failed' ? 'alert' : 'file'} />
      </span>
      <span class="file-text">
        <bdi class="file-name">{attachment.name}</bdi>
        <span class="file-size">
          {step === 'failed'
            ? say('fileFailed')
            : step === 'loading'
              ? say('loading')
              : formatSize(attachment.size, language)}
        </span>
      </span>
    </button>
  );
}

/** Saved, never shown: under this page's origin a document of somebody's making could run. */
function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(new Blob([blob], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
