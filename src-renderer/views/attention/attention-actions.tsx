import { Copy, Pencil, RotateCcw, SendHorizontal, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AttentionItem } from '../../../shared/core-api/views.ts';
import { Button } from '../../components/button.tsx';
import { useInPlaceOpener } from '../../components/use-in-place-opener.ts';
import { useCopyText } from '../../stores/use-copy-text.ts';
import styles from './attention-actions.module.css';
import { allowedActions } from './allowed-actions.ts';
import { useResolve } from './use-resolve.ts';

/** The ways on from a refused command, as far as they lead anywhere. What discards it asks first. */
export function AttentionActions({ item, isCompact = false }: { item: AttentionItem; isCompact?: boolean }) {
  const { t } = useTranslation('attention');
  const { isBusy, resolve } = useResolve(item);
  const copyText = useCopyText();
  const [isAsking, setAsking] = useState(false);
  // Whoever thinks better of it stands where the question came from.
  const { opener, giveBack } = useInPlaceOpener(isAsking);
  const leave = () => {
    giveBack();
    setAsking(false);
  };
  const allowed = allowedActions(item);
  const isWritten = item.type === 'message.send' || item.type === 'note.add';

  if (isAsking) {
    return (
      <div
        key="asking"
        className={styles.actions}
        role="alertdialog"
        aria-label={t('discardAsk')}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          leave();
        }}
      >
        <span className={styles.ask}>{t('discardAsk')}</span>
        <Button size="small" autoFocus onClick={leave}>
          {t('discardNo')}
        </Button>
        <Button
          size="small"
          variant="danger"
          onClick={() => void resolve('discard').then((isDone) => isDone || leave())}
        >
          {t('discardYes')}
        </Button>
      </div>
    );
  }
  return (
    // A key of its own: otherwise the button under a double click would become the one that discards.
    <div key="actions" className={styles.actions} aria-busy={isBusy}>
      {allowed.again && (
        <Button size="small" variant="primary" onClick={() => void resolve('send-anyway')}>
          {isWritten ? <SendHorizontal size={13} aria-hidden /> : <RotateCcw size={13} aria-hidden />}
          {t(isWritten ? 'sendAnyway' : 'tryAgain')}
        </Button>
      )}
      {allowed.edit && (
        <Button size="small" onClick={() => void resolve('edit')}>
          <Pencil size={13} aria-hidden />
          {t('edit')}
        </Button>
      )}
      {allowed.copy && (!isCompact || !allowed.edit) && (
        <Button size="small" onClick={() => copyText(item.text ?? '')}>
          <Copy size={13} aria-hidden />
          {t('copy')}
        </Button>
      )}
      <Button ref={opener} size="small" onClick={() => setAsking(true)}>
        <Trash2 size={13} aria-hidden />
        {t('discard')}
      </Button>
    </div>
  );
}
