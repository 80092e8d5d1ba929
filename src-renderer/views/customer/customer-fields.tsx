import { Copy, Pencil } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CustomerView } from '../../../shared/core-api/views.ts';
import type { Profile } from '../../../shared/domain/customer/customer.ts';
import { useInPlaceOpener } from '../../components/use-in-place-opener.ts';
import { isForInputMethod } from '../../shortcuts/read-keys.ts';
import styles from './customer-fields.module.css';
import { useCopy } from './use-copy.ts';
import { useSaveOnLeave } from './use-save-on-leave.ts';
import { useUpdateCustomer } from './use-update-customer.ts';

type TextField = 'name' | 'givenName' | 'phone' | 'email' | 'address';

const MOST_CHARACTERS: Record<TextField, number> = { name: 120, givenName: 60, phone: 32, email: 254, address: 300 };
const COPIED = new Set<TextField>(['phone', 'email', 'address']);
const INPUT_TYPE: Partial<Record<TextField, string>> = { phone: 'tel', email: 'email' };

interface Props {
  customer: CustomerView;
  /** Beside which this is shown. */
  conversationId: string;
}

/** What is known of a customer, each line editable where it stands: Enter saves, Escape leaves it as it was. */
export function CustomerFields({ customer, conversationId }: Props) {
  const fields: TextField[] = ['name', 'givenName', 'phone', 'email', 'address'];
  return (
    <dl className={styles.fields}>
      {fields.map((field) => (
        <EditableField key={field} field={field} customer={customer} conversationId={conversationId} />
      ))}
      <LanguageField customer={customer} conversationId={conversationId} />
    </dl>
  );
}

function EditableField({ field, customer, conversationId }: Props & { field: TextField }) {
  const { t } = useTranslation('customer');
  const { update } = useUpdateCustomer(customer.id, conversationId);
  const copy = useCopy();
  const [draft, setDraft] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const isEditing = draft !== null;
  const { opener, giveBack } = useInPlaceOpener(isEditing);
  const value = customer[field];
  const label = t(`fields.${field}`);
  const lowerLabel = label.toLocaleLowerCase();
  useEffect(() => {
    if (isEditing) input.current?.select();
  }, [isEditing]);

  // The field may go long after the key that ended it: its button has the focus then, unless it went elsewhere.
  const leave = () => {
    if (document.activeElement === input.current) giveBack();
    setDraft(null);
  };
  const saving = useRef<Promise<void> | null>(null);
  const save = async (isLeaving = false): Promise<void> => {
    if (draft === null) return;
    if (saving.current !== null) return saving.current;
    const next = draft.trim() === '' ? null : draft.trim();
    const lost = () => (next !== null && (isLeaving || input.current === null) ? `${label}: ${draft}` : null);
    // What was typed stays in its field until the core has it.
    const done = next === value ? Promise.resolve(true) : update({ [field]: next } as Partial<Profile>, lost);
    saving.current = done.then((isSaved) => {
      saving.current = null;
      if (isSaved || isLeaving) leave();
    });
    await saving.current;
  };
  useSaveOnLeave(isEditing ? () => save(true) : null);
  const onKeyDown = (event: KeyboardEvent) => {
    if (isForInputMethod(event.nativeEvent)) return;
    if (event.key === 'Escape') leave();
    else if (event.key === 'Enter') void save();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className={styles.field}>
      <dt>{label}</dt>
      <dd>
        {isEditing ? (
          <input
            ref={input}
            className={styles.input}
            type={INPUT_TYPE[field] ?? 'text'}
            value={draft}
            maxLength={MOST_CHARACTERS[field]}
            dir="auto"
            aria-label={label}
            autoFocus
            onChange={(event) => setDraft(event.target.value)}
            onKeyDown={onKeyDown}
            onBlur={() => void save()}
          />
        ) : (
          <>
            <button
              ref={opener}
              type="button"
              className={styles.value}
              data-empty={value === null || undefined}
              aria-label={`${t('edit', { field: lowerLabel })}${value === null ? '' : `: ${value}`}`}
              onClick={() => setDraft(value ?? '')}
            >
              <bdi>{value ?? t('empty', { field: lowerLabel })}</bdi>
              <Pencil size={11} className={styles.pencil} aria-hidden />
            </button>
            {value !== null && COPIED.has(field) && (
              <button
                type="button"
                className={styles.copy}
                aria-label={t('copy', { what: lowerLabel })}
                title={t('copy', { what: lowerLabel })}
                onClick={() => copy(value, lowerLabel)}
              >
                <Copy size={13} aria-hidden />
              </button>
            )}
          </>
        )}
      </dd>
    </div>
  );
}

function LanguageField({ customer, conversationId }: Props) {
  const { t } = useTranslation('customer');
  const { update } = useUpdateCustomer(customer.id, conversationId);
  return (
    <div className={styles.field}>
      <dt>{t('fields.language')}</dt>
      <dd>
        <select
          className={styles.select}
          aria-label={t('fields.language')}
          value={customer.language ?? ''}
          onChange={(event) => {
            const { value } = event.target;
            void update({ language: value === 'vi' || value === 'en' ? value : null });
          }}
        >
          <option value="">{t('languages.none')}</option>
          <option value="vi">{t('languages.vi')}</option>
          <option value="en">{t('languages.en')}</option>
        </select>
      </dd>
    </div>
  );
}
