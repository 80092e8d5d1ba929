import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { errorText } from '../../locales/error-text.ts';
import { AppError } from '../../../shared/errors.ts';
import { useConsole } from '../../stores/console-context.ts';

/** Asks before signing out, and says what has not been sent yet. */
export function SignOutDialog() {
  const { t } = useTranslation('shell');
  const { core, navigation, openEdits, sync, toasts, flush } = useConsole();
  const isOpen = useStore(navigation, (state) => state.dialog === 'sign-out');
  const known = useStore(sync, (state) => state.status?.pendingCount ?? 0);
  const [isRefused, setRefused] = useState(false);
  const hasUnsent = known > 0 || isRefused;

  const close = () => {
    setRefused(false);
    navigation.getState().openDialog(null);
  };
  const signOut = async () => {
    // First of all, since what is refused becomes a draft.
    await openEdits.saveAll();
    flush();
    try {
      await core.request('session.signOut', { force: hasUnsent });
      close();
    } catch (error) {
      // Something was written between the count and the click.
      if (error instanceof AppError && error.kind === 'conflict' && !hasUnsent) setRefused(true);
      else toasts.getState().show({ tone: 'error', text: errorText(t, error) });
    }
  };

  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={close}
      size="small"
      title={t('signOut.title')}
      description={hasUnsent ? t('signOut.unsent', { count: Math.max(known, 1) }) : t('signOut.ask')}
      footer={
        <>
          <Button onClick={close}>{t('signOut.cancel')}</Button>
          <Button variant={hasUnsent ? 'danger' : 'primary'} onClick={() => void signOut()}>
            {hasUnsent ? t('signOut.anyway') : t('signOut.title')}
          </Button>
        </>
      }
    />
  );
}
