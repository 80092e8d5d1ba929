import { useEffect, useState } from 'react';
import type { Attachment } from '../../../shared/domain/conversation/message.ts';
import { useConsole } from '../../stores/console-context.ts';

/** The address of a picture in this window, once it was read. `hasFailed` until it is tried again. */
export function useFileUrl(
  conversationId: string,
  attachment: Attachment,
): { url: string | null; hasFailed: boolean; retry: () => void } {
  const { files } = useConsole();
  const { fileId } = attachment;
  const [found, setFound] = useState<{ fileId: string; url: string | null }>({ fileId: '', url: null });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let isGone = false;
    const settle = (url: string | null) => !isGone && setFound({ fileId, url });
    files.url(conversationId, attachment).then(settle, () => settle(null));
    return () => {
      isGone = true;
    };
  }, [files, conversationId, attachment, fileId, attempt]);
  // What was found belongs to the picture shown before, when another one is looked at.
  const isCurrent = found.fileId === fileId;
  const retry = () => {
    setFound({ fileId: '', url: null });
    setAttempt((count) => count + 1);
  };
  return { url: isCurrent ? found.url : files.knownUrl(fileId), hasFailed: isCurrent && found.url === null, retry };
}
