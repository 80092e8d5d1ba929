import { AlarmClock, ArrowUpRight, Check, Clock3, CornerUpLeft, Flag, Paperclip, Pencil } from 'lucide-react';
import { memo, type MouseEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { ConversationSummary } from '../../../shared/core-api/views.ts';
import { Avatar } from '../../components/avatar.tsx';
import { ChannelIcon } from '../../components/channel-icon.tsx';
import { joinClasses } from '../../components/join-classes.ts';
import { formatAge, formatMoment } from '../../locales/format-time.ts';
import { useConsole } from '../../stores/console-context.ts';
import { useConversationSummary } from '../../stores/use-conversations.ts';
import { useMinute } from '../../stores/use-minute.ts';
import styles from './conversation-row.module.css';
import { WaitBadge } from './wait-badge.tsx';

/** CSS pixels; rows of a virtual list are all as high. */
export const ROW_HEIGHT = 74;

interface ConversationRowProps {
  conversationId: string;
  elementId: string;
  /** Distance from the top of the list, CSS pixels. */
  top: number;
  index: number;
  total: number;
  isFocused: boolean;
  isSelected: boolean;
  isSelecting: boolean;
  /** In a list that is not only mine, who I am; null in my own, where the assignee says nothing. */
  myId: string | null;
  onPress: (conversationId: string, index: number, event: MouseEvent) => void;
  onToggle: (conversationId: string, index: number, event: MouseEvent) => void;
}

export const ConversationRow = memo(function ConversationRow(props: ConversationRowProps) {
  const { conversationId, elementId, top, index, total, isFocused, isSelected, isSelecting } = props;
  const { t } = useTranslation('inbox');
  const { tabs } = useConsole();
  // Here and not in the list, which would be drawn as a whole with every change of the tab.
  const isOpen = useStore(tabs, (state) => state.activeId === conversationId);
  const summary = useConversationSummary(conversationId);
  const label = useLabel(summary);
  if (summary === undefined) return null;
  return (
    <div
      id={elementId}
      role="option"
      aria-selected={isSelected}
      aria-setsize={total}
      aria-posinset={index + 1}
      aria-label={label}
      aria-current={isOpen || undefined}
      className={joinClasses(
        styles.row,
        isOpen && styles.open,
        isFocused && styles.focused,
        isSelected && styles.selected,
        isSelecting && styles.selecting,
        summary.isUnread && styles.unread,
      )}
      style={{ transform: `translateY(${top}px)`, height: ROW_HEIGHT }}
      onClick={(event) => props.onPress(conversationId, index, event)}
    >
      <div
        className={styles.face}
        title={t('row.select')}
        onClick={(event) => {
          event.stopPropagation();
          props.onToggle(conversationId, index, event);
        }}
      >
        <Avatar id={summary.customer.id} name={summary.customer.name} size={32} />
        <span className={styles.channel} title={summary.channel.name}>
          <ChannelIcon kind={summary.channel.kind} size={10} />
        </span>
        <span className={styles.box}>{isSelected && <Check size={14} strokeWidth={3} aria-hidden />}</span>
      </div>
      <div className={styles.lines}>
        <div className={styles.line}>
          <span className={styles.name}>{summary.customer.name}</span>
          <When summary={summary} />
        </div>
        <div className={styles.line}>
          <Preview summary={summary} isOpen={isOpen} />
        </div>
        <div className={styles.line}>
          <span className={styles.meta}>
            <span className={styles.queue}>{summary.queue.name}</span>
            {summary.tags.length > 0 && (
              <span className={styles.tags}>{summary.tags.map((tag) => `#${tag}`).join(' ')}</span>
            )}
          </span>
          <Marks summary={summary} myId={props.myId} />
        </div>
      </div>
    </div>
  );
});

function When({ summary }: { summary: ConversationSummary }) {
  const { t, i18n } = useTranslation('inbox');
  const now = useMinute();
  if (summary.state === 'snoozed') {
    const until = summary.snoozedUntil;
    const text = until === null ? t('row.untilReply') : formatMoment(until, i18n.language, now);
    return (
      <span
        className={styles.when}
        title={until === null ? t('row.snoozedUntilReply') : t('row.snoozedUntil', { time: text })}
      >
        <AlarmClock size={12} aria-hidden /> {text}
      </span>
    );
  }
  if (summary.waitingSince !== null)
    return <WaitBadge since={summary.waitingSince} channelKind={summary.channel.kind} />;
  return <span className={styles.when}>{formatMoment(summary.lastMessageAt, i18n.language, now)}</span>;
}

/**
 * What was said last, or how one goes on: the draft, unless something of the customer is unread, or it is on the screen
 * beside. The word for it stands before its own words only, or the customer's would read as the agent's.
 */
function Preview({ summary, isOpen }: { summary: ConversationSummary; isOpen: boolean }) {
  const { t } = useTranslation('inbox');
  const { lastMessage, hasDraft, draftStart, isUnread } = summary;
  const isDraftShown = hasDraft && draftStart !== '' && !isUnread && !isOpen;
  return (
    <span className={styles.preview}>
      {hasDraft && (
        <span className={styles.draft} title={t('row.draft')}>
          <Pencil size={11} aria-hidden /> {isDraftShown && t('row.draft')}
        </span>
      )}
      {isDraftShown ? draftStart : <LastMessage lastMessage={lastMessage} />}
    </span>
  );
}

function LastMessage({ lastMessage }: Pick<ConversationSummary, 'lastMessage'>) {
  const { t } = useTranslation('inbox');
  return (
    <>
      {lastMessage?.author === 'agent' && (
        <CornerUpLeft size={12} className={styles.sign} aria-label={t('row.answered')} />
      )}
      {lastMessage?.hasAttachments === true && (
        <Paperclip size={12} className={styles.sign} aria-label={t('row.file')} />
      )}
      {lastMessage === null ? t('row.noMessage') : lastMessage.text || t('row.file')}
    </>
  );
}

function Marks({ summary, myId }: { summary: ConversationSummary; myId: string | null }) {
  const { t } = useTranslation('inbox');
  const { pendingCount, priority, tier, assignee } = summary;
  return (
    <span className={styles.marks}>
      {pendingCount > 0 && (
        <span className={styles.pending} title={t('row.pending', { count: pendingCount })}>
          <Clock3 size={12} aria-hidden /> {pendingCount}
        </span>
      )}
      {(priority === 'urgent' || priority === 'high') && (
        <span className={styles[priority]} title={t(`row.priority.${priority}`)}>
          <Flag size={12} fill="currentColor" aria-hidden />
        </span>
      )}
      {tier > 1 && (
        <span className={styles.tier}>
          <ArrowUpRight size={11} aria-hidden />
          {t('row.tier', { tier })}
        </span>
      )}
      {assignee !== null && myId !== null && (
        <span className={joinClasses(styles.assignee, assignee.id === myId && styles.mine)} title={assignee.name}>
          <Avatar id={assignee.id} name={assignee.name} size={18} />
        </span>
      )}
    </span>
  );
}

/** What a screen reader says of the row, in the order in which it matters. */
function useLabel(summary: ConversationSummary | undefined): string {
  const { t, i18n } = useTranslation('inbox');
  const now = useMinute();
  if (summary === undefined) return '';
  const { customer, lastMessage, waitingSince, assignee, pendingCount, hasDraft, draftStart, isUnread } = summary;
  const { priority, tier, state, snoozedUntil } = summary;
  const snoozed =
    snoozedUntil === null
      ? t('row.snoozedUntilReply')
      : t('row.snoozedUntil', { time: formatMoment(snoozedUntil, i18n.language, now) });
  return [
    customer.name,
    isUnread && t('row.unread'),
    (priority === 'urgent' || priority === 'high') && t(`row.priority.${priority}`),
    tier > 1 && t('row.tier', { tier }),
    waitingSince !== null && t('row.waiting', { time: formatAge(now - waitingSince, i18n.language) }),
    state === 'snoozed' && snoozed,
    lastMessage?.author === 'agent' && t('row.answered'),
    lastMessage?.hasAttachments === true && t('row.file'),
    lastMessage?.text,
    summary.channel.name,
    summary.queue.name,
    assignee === null ? t('row.unassigned') : t('row.assignedTo', { name: assignee.name }),
    hasDraft && [t('row.draft'), draftStart].filter(Boolean).join(': '),
    pendingCount > 0 && t('row.pending', { count: pendingCount }),
  ]
    .filter(Boolean)
    .join(', ');
}
