import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CustomerView } from '../../../shared/core-api/views.ts';
import { Button } from '../../components/button.tsx';
import styles from './customer-sidebar.module.css';
import { useUpdateCustomer } from './use-update-customer.ts';

/** What colleagues should know about the customer; stays across conversations. */
export function CustomerNote({ customer }: { customer: CustomerView }) {
  const { t } = useTranslation('customer');
  const update = useUpdateCustomer(customer.id);
  const [draft, setDraft] = useState<string | null>(null);
  const save = () => {
    if (draft === null) return;
    void update({ note: draft.trim() === '' ? null : draft }).then((isSaved) => isSaved && setDraft(null));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      setDraft(null);
      event.stopPropagation();
    } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      save();
    }
  };
  const isChanged = draft !== null && draft !== (customer.note ?? '');
  return (
    <div className={styles.note}>
      <textarea
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
          <Button size="small" onClick={() => setDraft(null)}>
            {t('cancel')}
          </Button>
          <Button size="small" variant="primary" onClick={save}>
            {t('save')}
          </Button>
        </div>
      )}
    </div>
  );
}
