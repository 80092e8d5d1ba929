import {
  AlarmClock,
  ArrowRightLeft,
  CircleCheck,
  CircleDot,
  Flag,
  Hourglass,
  TrendingDown,
  TrendingUp,
  UserCheck,
} from 'lucide-react';
import { memo } from 'react';
import { useTexts } from '../../locales/use-texts.ts';
import type { MessageView } from '../../../shared/core-api/views.ts';
import { formatClock, formatMoment } from '../../locales/format-time.ts';
import { formatFull } from './format-full.ts';
import { describeSystemLine, reasonOf } from './system-line.ts';
import styles from './system-row.module.css';

const ICONS = {
  'conversation-assigned': UserCheck,
  'conversation-moved': ArrowRightLeft,
  'conversation-escalated': TrendingUp,
  'conversation-handed-back': TrendingDown,
  'conversation-priority-set': Flag,
  closed: CircleCheck,
  snoozed: AlarmClock,
  waiting: Hourglass,
  other: CircleDot,
};

/** What happened to the conversation, in words. */
export const SystemRow = memo(function SystemRow(props: { message: MessageView; ownAgentId: string | null }) {
  const { message, ownAgentId } = props;
  const { t, i18n } = useTexts('conversation');
  const Icon = ICONS[iconOf(message)];
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

function iconOf({ system }: MessageView): keyof typeof ICONS {
  switch (system?.type) {
    case 'conversation-assigned':
    case 'conversation-moved':
    case 'conversation-escalated':
    case 'conversation-handed-back':
    case 'conversation-priority-set':
      return system.type;
    case 'conversation-state-changed': {
      const { state } = system.params;
      return state === 'closed' || state === 'snoozed' || state === 'waiting' ? state : 'other';
    }
    default:
      return 'other';
  }
}
