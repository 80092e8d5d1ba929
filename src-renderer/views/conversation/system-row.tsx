import {
  AlarmClock,
  ArrowRightLeft,
  CircleCheck,
  CircleDot,
  Flag,
  Hourglass,
  type LucideIcon,
  TrendingUp,
  UserCheck,
} from 'lucide-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { MessageView } from '../../../shared/core-api/views.ts';
import { formatClock, formatMoment } from '../../locales/format-time.ts';
import { formatFull } from './format-full.ts';
import { describeSystemLine, reasonOf } from './system-line.ts';
import styles from './system-row.module.css';

/** What happened to the conversation, in words. */
export const SystemRow = memo(function SystemRow(props: { message: MessageView; ownAgentId: string | null }) {
  const { message, ownAgentId } = props;
  const { t, i18n } = useTranslation('conversation');
  const Icon = iconOf(message);
  const reason = reasonOf(message);
  const text = describeSystemLine(message, ownAgentId, t, (at) => formatMoment(at, i18n.language, message.at));
  return (
    <div className={styles.row} data-anchor={message.id} data-pending={message.isPending || undefined}>
      <p className={styles.line}>
        <Icon size={13} aria-hidden />
        <bdi>{text}</bdi>
        <time
          className={styles.time}
          dateTime={new Date(message.at).toISOString()}
          title={formatFull(message.at, i18n.language)}
        >
          {formatClock(message.at, i18n.language)}
        </time>
      </p>
      {reason !== null && (
        <blockquote className={styles.reason} dir="auto">
          {reason}
        </blockquote>
      )}
    </div>
  );
});

function iconOf({ system }: MessageView): LucideIcon {
  switch (system?.type) {
    case 'conversation-assigned':
      return UserCheck;
    case 'conversation-moved':
      return ArrowRightLeft;
    case 'conversation-escalated':
      return TrendingUp;
    case 'conversation-priority-set':
      return Flag;
    case 'conversation-state-changed':
      return stateIcon(system.params.state);
    default:
      return CircleDot;
  }
}

function stateIcon(state: string | number | null | undefined): LucideIcon {
  if (state === 'closed') return CircleCheck;
  if (state === 'snoozed') return AlarmClock;
  return state === 'waiting' ? Hourglass : CircleDot;
}
