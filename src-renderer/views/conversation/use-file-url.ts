import { useEffect, useState } from 'react';
import type { Attachment } from '../../../shared/domain/conversation/message.ts';
import { useConsole } from '../../stores/console-context.ts';

/** The address of a picture in this window, once it was read. `failed` is told after the first try that failed. */
export function useFileUrl(
  conversationId: string,
  attachment: Attachment,
): { url: string | null; hasFailed: boolean; retry: () => void } {
  const { files } = useConsole();
  const { fileId } = attachment;
  const [url, setUrl] = useState(() => files.knownUrl(fileId));
  const [attempt, setAttempt] = useState(0);
  const [hasFailed, setFailed] = useState(false);
  useEffect(() => {
    let isGone = false;
    setFailed(false);
    files.url(conversationId, attachment).then(
      (found) => !isGone && setUrl(found),
      () => !isGone && setFailed(true),
    );
    return () => {
      isGone = true;
    };
    // The content never changes under its id.
  }, [files, conversationId, fileId, attempt]);
  return { url, hasFailed, retry: () => setAttempt((count) => count + 1) };
}
