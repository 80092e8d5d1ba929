import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CustomerView } from '../../../shared/core-api/views.ts';
import { Button } from '../../components/button.tsx';
import { errorText } from '../../locales/error-text.ts';
import { isForInputMethod } from '../../shortcuts/read-keys.ts';
import { useConsole } from '../../stores/console-context.ts';
import styles from './customer-sidebar.module.css';
import { useSaveOnLeave } from './use-save-on-leave.ts';
import { useUpdateCustomer } from './use-update-customer.ts';

/** What is kept of a text: a blank one is no note. */
const toNote = (text: string): string | null => (text.trim() === '' ? null : text);

/** What colleagues should know about the customer; stays across conversations. */
export function CustomerNote({ customer, conversationId }: { customer: CustomerView; conversationId: string }) {
  const { t, i18n } = useTranslation('customer');
  const { update, keep } = useUpdateCustomer(customer.id, conversationId);
  const { core, toasts } = useConsole();
  const [draft, setDraft] = useState<string | null>(null);
  const note = toNote(customer.note ?? '');
  const isChanged = draft !== null && toNote(draft) !== note;
  const box = useRef<HTMLTextAreaElement>(null);
  const saving = useRef<Promise<void> | null>(null);
  /** What is shown; null once the view has gone. */
  const shown = useRef<{ note: string | null; isChanged: boolean } | null>(null);
  useEffect(() => {
    shown.current = { note, isChanged };
    return () => {
      shown.current = null;
    };
  }, [note, isChanged]);
  const save = async (isLeaving = false): Promise<void> => {
    if (draft === null) return;
    if (saving.current !== null) return saving.current;
    const lost = () => (isLeaving || shown.current === null ? draft : null);
    saving.current = update({ note: toNote(draft) }, lost).then((isSaved) => {
      saving.current = null;
      // What was typed on meanwhile is not saved yet.
      if (isSaved || isLeaving) setDraft((now) => (now === draft ? null : now));
    });
    await saving.current;
  };
  useSaveOnLeave(isChanged ? () => save(true) : null);
  const discard = () => {
    setDraft(null);
    if (!isChanged) return;
    // What was written meanwhile, by a colleague or in the box, is not written over, and what was discarded not lost.
    const refuse = () => void keep(draft, t('noteChanged'));
    const undo = () => {
      if (shown.current === null) void restore();
      else if (shown.current.note === note && !shown.current.isChanged) setDraft(draft);
      else refuse();
    };
    // What is taken back after its view has gone is saved, as it would have been then.
    const restore = async () => {
      try {
        const now = await core.request('customer.get', { customerId: customer.id });
        if (toNote(now.note ?? '') === note) await update({ note: toNote(draft) }, () => draft);
        else refuse();
      } catch (error) {
        await keep(draft, errorText(i18n.t, error));
      }
    };
    toasts.getState().show({ tone: 'info', text: t('noteDiscarded'), undo });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isForInputMethod(event.nativeEvent)) return;
    if (event.key === 'Escape') {
      discard();
      event.stopPropagation();
    } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void save();
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
              void save();
            }}
          >
            {t('save')}
          </Button>
        </div>
      )}
    </div>
  );
}
