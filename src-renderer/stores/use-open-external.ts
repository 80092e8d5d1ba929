import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { errorText } from '../locales/error-text.ts';
import { useConsole } from './console-context.ts';

/** Opens a web address in the browser of this computer; where that fails, says why. */
export function useOpenExternal(): (url: string) => void {
  const { host, toasts } = useConsole();
  const { i18n } = useTranslation();
  return useCallback(
    (url) => {
      host
        .request('host.openExternal', { url })
        .catch((error: unknown) => toasts.getState().show({ tone: 'error', text: errorText(i18n.t, error) }));
    },
    [host, toasts, i18n],
  );
}
