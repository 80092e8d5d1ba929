import { CircleAlert, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { useConsole } from '../stores/console-context.ts';
import { useCopyText } from '../stores/use-copy-text.ts';
import { useShortcut } from '../shortcuts/use-shortcut.ts';
import { Button } from './button.tsx';
import { IconButton } from './icon-button.tsx';
import styles from './toaster.module.css';

/**
 * What just happened, over the foot of the list (never over what is being written: it stands among the panes, which say
 * how wide the list is), with its undo. Read out politely; errors at once.
 */
export function Toaster() {
  const { t } = useTranslation('shared');
  const { toasts } = useConsole();
  const copyText = useCopyText();
  const { toasts: shown, dismiss } = useStore(toasts);
  const undoable = shown.findLast((toast) => toast.undo !== undefined);

  const undo = (toast: (typeof shown)[number]) => {
    dismiss(toast.id);
    toast.undo?.();
  };
  useShortcut('undo', () => {
    if (undoable === undefined) return false;
    undo(undoable);
    return true;
  });

  return (
    // Live in so many words: a dialog hides from screen readers whatever is not.
    <div className={styles.toaster} aria-live="polite">
      {shown.map((toast) => (
        <div key={toast.id} className={styles.toast} role={toast.tone === 'error' ? 'alert' : 'status'}>
          {toast.tone === 'error' && <CircleAlert size={16} className={styles.error} aria-hidden />}
          <span className={styles.text}>{toast.text}</span>
          {toast.undo !== undefined && (
            <Button size="small" variant="quiet" className={styles.undo} onClick={() => undo(toast)}>
              {t('undo')}
            </Button>
          )}
          {toast.rescued && (
            <Button size="small" variant="quiet" className={styles.undo} onClick={() => copyText(toast.rescued!)}>
              {t('copy')}
            </Button>
          )}
          <IconButton label={t('close')} size="small" tooltipSide="top" onClick={() => dismiss(toast.id)}>
            <X size={14} aria-hidden />
          </IconButton>
        </div>
      ))}
    </div>
  );
}
