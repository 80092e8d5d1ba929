import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { errorText } from '../../locales/error-text.ts';
import { useConsole } from '../../stores/console-context.ts';

/** Copies a text to the clipboard and says so. */
export function useCopy(): (text: string, what: string) => void {
  const { toasts } = useConsole();
  const { t, i18n } = useTranslation('customer');
  return useCallback(
    (text, what) => {
      navigator.clipboard.writeText(text).then(
        () => toasts.getState().show({ tone: 'info', text: t('copied', { what }) }),
        (error: unknown) => toasts.getState().show({ tone: 'error', text: errorText(i18n.t, error) }),
      );
    },
    [toasts, t, i18n],
  );
}
