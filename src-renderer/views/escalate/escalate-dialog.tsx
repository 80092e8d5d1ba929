import { type FormEvent, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Tier } from '../../../shared/domain/agent/agent-access.ts';
import type { ConversationView } from '../../../shared/core-api/views.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { errorText } from '../../locales/error-text.ts';
import { useConsole } from '../../stores/console-context.ts';
import { useQueues } from '../../stores/use-conversations.ts';
import styles from './escalate-dialog.module.css';

interface Props {
  conversation: ConversationView;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

/** Asks why, and if wanted to whom. What was written is kept until it is taken or cancelled. */
export function EscalateDialog({ conversation, isOpen, onOpenChange }: Props) {
  const { t, i18n } = useTranslation('conversation');
  const { core, handOver, makeId, toasts } = useConsole();
  const queues = useQueues();
  const form = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const [reason, setReason] = useState('');
  const [tier, setTier] = useState<Tier | null>(null);
  const [queueId, setQueueId] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [isSending, setSending] = useState(false);

  const nextTier = conversation.tier === 1 ? 2 : 3;
  const tiers = ([2, 3] as const).filter((one) => one > conversation.tier);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isSending) return;
    if (reason.trim() === '') {
      setProblem(t('escalate.reasonMissing'));
      field.current?.focus();
      return;
    }
    setSending(true);
    try {
      await core.request('conversation.escalate', {
        conversationId: conversation.id,
        reason,
        ...(tier === null ? {} : { tier }),
        ...(queueId === '' ? {} : { queueId }),
        commandId: makeId(),
      });
      handOver([conversation.id]);
      setReason('');
      setTier(null);
      setQueueId('');
      onOpenChange(false);
      toasts.getState().show({ tone: 'info', text: t('escalate.done') });
    } catch (error) {
      setProblem(errorText(i18n.t, error));
    } finally {
      setSending(false);
    }
  };

  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={t('escalate.title')}
      description={t('escalate.intro')}
      onOpenAutoFocus={(event) => {
        event.preventDefault();
        field.current?.focus();
      }}
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>{t('escalate.cancel')}</Button>
          <Button variant="primary" type="submit" form={form} aria-disabled={isSending}>
            {t('escalate.submit')}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className={styles.form}
        onSubmit={(event) => void submit(event)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void submit(event);
        }}
      >
        <label className={styles.field}>
          <span className={styles.label}>{t('escalate.reason')}</span>
          <textarea
            ref={field}
            className={styles.reason}
            value={reason}
            rows={5}
            maxLength={2000}
            dir="auto"
            aria-required
            aria-invalid={problem !== null || undefined}
            aria-describedby={problem === null ? undefined : `${form}-problem`}
            placeholder={t('escalate.reasonPlaceholder')}
            onChange={(event) => {
              setReason(event.target.value);
              setProblem(null);
            }}
          />
        </label>
        {problem !== null && (
          <p id={`${form}-problem`} className={styles.problem} role="alert">
            {problem}
          </p>
        )}
        <div className={styles.columns}>
          <label className={styles.field}>
            <span className={styles.label}>{t('escalate.tier')}</span>
            <select
              className={styles.select}
              value={tier ?? ''}
              onChange={(event) => setTier(event.target.value === '' ? null : (Number(event.target.value) as Tier))}
            >
              <option value="">{t('escalate.tierNext', { tier: nextTier })}</option>
              {tiers.map((one) => (
                <option key={one} value={one}>
                  {t(`escalate.tierName.${one}`)}
                </option>
              ))}
            </select>
          </label>
          <label className={styles.field}>
            <span className={styles.label}>{t('escalate.queue')}</span>
            <select className={styles.select} value={queueId} onChange={(event) => setQueueId(event.target.value)}>
              <option value="">{t('escalate.queueDefault')}</option>
              {queues.map((queue) => (
                <option key={queue.id} value={queue.id}>
                  {queue.name}
                </option>
              ))}
            </select>
          </label>
        </div>
      </form>
    </Dialog>
  );
}
