import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { errorText } from '../locales/error-text.ts';
import { useConsole } from './console-context.ts';

/** Copies a text to the clipboard and says so, or why it could not. */
export function useCopyText(): (text: string) => void {
  const { toasts } = useConsole();
  const { t, i18n } = useTranslation('conversation');
  return useCallback(
    (text) => {
      navigator.clipboard.writeText(text).then(
        () => toasts.getState().show({ tone: 'info', text: t('message.copied') }),
        (error: unknown) => toasts.getState().show({ tone: 'error', text: errorText(i18n.t, error) }),
      );
    },
    [toasts, t, i18n],
  );
}
