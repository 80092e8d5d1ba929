import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CustomerView } from '../../../shared/core-api/views.ts';
import { Button } from '../../components/button.tsx';
import { isForInputMethod } from '../../shortcuts/read-keys.ts';
import { useConsole } from '../../stores/console-context.ts';
import styles from './customer-sidebar.module.css';
import { useSaveOnLeave } from './use-save-on-leave.ts';
import { useUpdateCustomer } from './use-update-customer.ts';

/** What colleagues should know about the customer; stays across conversations. */
export function CustomerNote({ customer }: { customer: CustomerView }) {
  const { t } = useTranslation('customer');
  const update = useUpdateCustomer(customer.id);
  const { toasts } = useConsole();
  const [draft, setDraft] = useState<string | null>(null);
  const isChanged = draft !== null && draft !== (customer.note ?? '');
  const box = useRef<HTMLTextAreaElement>(null);
  const isSaving = useRef(false);
  const isHere = useRef(false);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  const save = () => {
    if (draft === null || isSaving.current) return;
    isSaving.current = true;
    void update({ note: draft.trim() === '' ? null : draft }).then((isSaved) => {
      isSaving.current = false;
      // What was typed on meanwhile is not saved yet.
      if (isSaved) setDraft((now) => (now === draft ? null : now));
    });
  };
  useSaveOnLeave(isChanged ? save : null);
  const discard = () => {
    setDraft(null);
    if (!isChanged) return;
    // What is taken back after its view has gone is saved, as it would have been then.
    const undo = () => (isHere.current ? setDraft(draft) : void update({ note: draft }));
    toasts.getState().show({ tone: 'info', text: t('noteDiscarded'), undo });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isForInputMethod(event.nativeEvent)) return;
    if (event.key === 'Escape') {
      discard();
      event.stopPropagation();
    } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      save();
    }
  };
  return (
    <div className={styles.note}>
      <textarea
        ref={box}
        className={styles.noteText}
        value={draft ?? customer.note ?? ''}
        rows={3}
        maxLength={2000}
        dir="auto"
        aria-label={t('sections.note')}
        placeholder={t('notePlaceholder')}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {isChanged && (
        <div className={styles.noteActions}>
          <Button
            size="small"
            onClick={() => {
              box.current?.focus();
              discard();
            }}
          >
            {t('cancel')}
          </Button>
          <Button
            size="small"
            variant="primary"
            onClick={() => {
              box.current?.focus();
              save();
            }}
          >
            {t('save')}
          </Button>
        </div>
      )}
    </div>
  );
}
