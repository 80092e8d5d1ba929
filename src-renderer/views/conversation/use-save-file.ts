import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { Attachment } from '../../../shared/domain/conversation/message.ts';
import { errorText } from '../../locales/error-text.ts';
import { useConsole } from '../../stores/console-context.ts';

/** Saves an attachment where the agent chooses; what happened is said in a toast. */
export function useSaveFile(conversationId: string): (attachment: Attachment) => Promise<void> {
  const { files, host, toasts } = useConsole();
  const { t, i18n } = useTranslation('conversation');
  return useCallback(
    async (attachment) => {
      try {
        const content = await files.content(conversationId, attachment);
        const { isSaved } = await host.request('host.saveFile', { name: attachment.name, content });
        if (isSaved) toasts.getState().show({ tone: 'info', text: t('file.saved', { name: attachment.name }) });
      } catch (error) {
        toasts.getState().show({ tone: 'error', text: errorText(i18n.t, error) });
      }
    },
    [files, host, toasts, conversationId, t, i18n],
  );
}
