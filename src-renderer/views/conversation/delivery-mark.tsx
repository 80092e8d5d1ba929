import { CircleAlert, CircleHelp, CloudOff, CloudUpload, type LucideIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useTexts } from '../../locales/use-texts.ts';
import type { MessageView } from '../../../shared/core-api/views.ts';
import { LineIcon } from '../../components/line-icon.tsx';
import { Tooltip } from '../../components/tooltip.tsx';
import { type DeliveryLook, deliveryLook } from './delivery-state.ts';
import styles from './delivery-mark.module.css';

const ICONS: Record<DeliveryLook['name'], LucideIcon | 'check' | 'check-check' | 'clock'> = {
  waiting: CloudOff,
  submitting: CloudUpload,
  sending: 'clock',
  sent: 'check',
  delivered: 'check-check',
  read: 'check-check',
  failed: CircleAlert,
  unknown: CircleHelp,
  refused: CircleAlert,
};

type Stated = Pick<MessageView, 'state' | 'stateReason'>;

/**
 * How far a message really is on its way to the customer: a sign with words for screen readers, what it means and
 * what to do in the tooltip, which the keyboard reaches as well.
 */
export function DeliveryMark({ message, hasLeft = false }: { message: Stated; hasLeft?: boolean }) {
  const { t } = useTexts('conversation');
  if (message.state === null) return null;
  const { name, tone } = deliveryLook(message.state, hasLeft);
  const Icon = ICONS[name];
  return (
    <Tooltip side="top" text={<DeliveryWords name={name} reason={message.stateReason} />}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what the sign means is explained on focus */}
      <span className={styles.mark} data-tone={tone} data-state={name} tabIndex={0} role="note">
        {typeof Icon === 'string' ? (
          <LineIcon name={Icon} strokeWidth={2.25} />
        ) : (
          <Icon size={14} strokeWidth={2.25} aria-hidden />
        )}
        <span className="visually-hidden">{t(`delivery.${name}.text`)}</span>
      </span>
    </Tooltip>
  );
}

function DeliveryWords({ name, reason }: { name: DeliveryLook['name']; reason: string | null }) {
  const { t } = useTexts('conversation');
  const reasonText = useReasonText(reason);
  return (
    <span className={styles.words}>
      <strong>{t(`delivery.${name}.text`)}</strong>
      {reasonText !== null && <span>{reasonText}</span>}
      <span>{t(`delivery.${name}.hint`)}</span>
    </span>
  );
}

/** The words that stand below a message which the agent has to know about or act on; null for the ordinary states. */
export function DeliveryLine({ message, hasLeft = false }: { message: Stated; hasLeft?: boolean }) {
  const { t } = useTexts('conversation');
  const reason = useReasonText(message.stateReason);
  if (message.state === null) return null;
  const { name, tone, isSpoken } = deliveryLook(message.state, hasLeft);
  if (!isSpoken) return null;
  return (
    <span className={styles.line} data-tone={tone} title={t(`delivery.${name}.hint`)}>
      {t(`delivery.${name}.text`)}
      {reason !== null && <span>{` · ${reason}`}</span>}
    </span>
  );
}

/** A reason in the agent's language: one of the channel's codes, or of the errors; an unknown one is left out. */
function useReasonText(reason: string | null): string | null {
  const { t, i18n } = useTranslation();
  if (reason === null) return null;
  const key = [`conversation:deliveryReason.${reason}`, `errors:reason.${reason}`].find((one) => i18n.exists(one));
  return key === undefined ? null : String(t(key as never));
}
