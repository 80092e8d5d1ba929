import { AlarmClock, CircleCheck, Flag, RotateCcw, TrendingUp, UserPlus } from 'lucide-react';
import { useState } from 'react';
import { useTexts } from '../../locales/use-texts.ts';
import { useStore } from 'zustand';
import type { ConversationView } from '../../../shared/core-api/views.ts';
import { Avatar } from '../../components/avatar.tsx';
import { Button } from '../../components/button.tsx';
import { ChannelIcon } from '../../components/channel-icon.tsx';
import { IconButton } from '../../components/icon-button.tsx';
import { joinClasses } from '../../components/join-classes.ts';
import { formatClock, formatMoment } from '../../locales/format-time.ts';
import { useShortcut } from '../../shortcuts/use-shortcut.ts';
import { useConsole } from '../../stores/console-context.ts';
import { useOpenConversation } from '../../stores/use-conversations.ts';
import { useMinute } from '../../stores/use-minute.ts';
import { EscalateDialog } from '../escalate/escalate-dialog.tsx';
import { WaitBadge } from '../inbox/wait-badge.tsx';
import styles from './conversation-header.module.css';
import { MoreMenu } from './more-menu.tsx';
import { TagList } from './tag-list.tsx';
import { Viewers } from './viewers.tsx';

/** Who writes, where it stands, who has it, and what can be done with it. */
export function ConversationHeader({ conversation }: { conversation: ConversationView }) {
  const { t, i18n } = useTexts('conversation');
  const { actions, navigation, session } = useConsole();
  const ownId = useStore(session, (state) => state.agent?.id ?? null);
  const [isEscalating, setEscalating] = useState(false);
  const now = useMinute();
  const { id, customer, channel, queue, assignee, state, may, waitingSince, snoozedUntil, priority } = conversation;
  const isOwn = assignee !== null && assignee.id === ownId;
  const isClosed = state === 'closed';
  const noReassign = may.reassign ? null : t('header.mayNotReassign', { name: assignee?.name ?? '' });
  const noEscalate = may.escalate ? null : t('header.mayNotEscalate');
  useShortcut('escalate', () => {
    if (noEscalate === null) setEscalating(true);
  });
  const openPicker = (kind: 'assign' | 'move' | 'snooze') => navigation.getState().openPicker(kind, [id]);

  return (
    <header className={styles.header}>
      <div className={styles.row}>
        <span className={styles.avatar}>
          <Avatar id={customer.id} name={customer.name} size={28} />
        </span>
        <h1 className={styles.name} title={customer.name}>
          <bdi>{customer.name}</bdi>
        </h1>
        <Viewers conversationId={id} />
        <div className={styles.actions}>
          {assignee === null && !isClosed && (
            <Button size="small" variant="primary" onClick={() => void actions.assignToMe([id])}>
              {t('header.assignToMe')}
            </Button>
          )}
          <IconButton
            label={t('header.assign')}
            shortcut="assign"
            disabledReason={noReassign}
            onClick={() => openPicker('assign')}
          >
            <UserPlus size={17} aria-hidden />
          </IconButton>
          <IconButton
            label={t('header.snooze')}
            className={joinClasses(styles.roomy)}
            shortcut="snooze"
            disabledReason={isClosed ? t('header.isClosed') : null}
            onClick={() => openPicker('snooze')}
          >
            <AlarmClock size={17} aria-hidden />
          </IconButton>
          <IconButton
            label={t('header.escalate')}
            className={joinClasses(styles.roomy)}
            shortcut="escalate"
            disabledReason={noEscalate}
            onClick={() => setEscalating(true)}
          >
            <TrendingUp size={17} aria-hidden />
          </IconButton>
          <MoreMenu conversation={conversation} onEscalate={() => setEscalating(true)} noEscalate={noEscalate} />
          {isClosed ? (
            <Button size="small" onClick={() => void actions.reopen([id])}>
              <RotateCcw size={14} className={styles.roomy} aria-hidden />
              {t('header.reopen')}
            </Button>
          ) : (
            <Button size="small" onClick={() => void actions.close([id])}>
              <CircleCheck size={14} className={styles.roomy} aria-hidden />
              {t('header.close')}
            </Button>
          )}
        </div>
      </div>
      <div className={styles.marks}>
        <span className={styles.state} data-state={state}>
          {state === 'snoozed' && snoozedUntil !== null
            ? t('header.snoozedUntil', { time: formatMoment(snoozedUntil, i18n.language, now) })
            : state === 'snoozed'
              ? t('header.snoozedUntilReply')
              : t(`header.state.${state}`)}
        </span>
        {waitingSince !== null && (
          <span
            className={styles.waiting}
            title={t('header.waitingSince', { time: formatClock(waitingSince, i18n.language) })}
          >
            <WaitBadge since={waitingSince} channelKind={channel.kind} />
          </span>
        )}
        <div className={styles.facts}>
          <span className={joinClasses(styles.fact, styles.channel)} title={t('header.via', { channel: channel.name })}>
            <ChannelIcon kind={channel.kind} size={13} />
            <span className={styles.clip}>{channel.name}</span>
          </span>
          <button type="button" className={styles.fact} title={t('header.move')} onClick={() => openPicker('move')}>
            <span className={styles.clip}>{queue.name}</span>
          </button>
          <button
            type="button"
            className={styles.fact}
            data-tone={assignee === null ? 'warning' : isOwn ? 'accent' : undefined}
            title={noReassign ?? t('header.assign')}
            aria-disabled={noReassign !== null || undefined}
            onClick={() => noReassign === null && openPicker('assign')}
          >
            <span className={styles.clip}>
              {assignee === null
                ? t('header.unassigned')
                : isOwn
                  ? t('header.assignedToYou')
                  : t('header.assignedTo', { name: assignee.name })}
            </span>
          </button>
        </div>
        {(priority === 'high' || priority === 'urgent') && (
          <span className={styles.priority} data-priority={priority}>
            <Flag size={12} aria-hidden />
            {`${t('header.priority')}: ${t(`priority.${priority}`)}`}
          </span>
        )}
        {conversation.tier > 1 && <span className={styles.tier}>{t('header.tier', { tier: conversation.tier })}</span>}
        <TagList conversation={conversation} />
      </div>
      <Banners conversation={conversation} />
      <EscalateDialog conversation={conversation} isOpen={isEscalating} onOpenChange={setEscalating} />
    </header>
  );
}

/** What whoever takes over has to read first: why it was escalated, and what came before it. */
function Banners({ conversation }: { conversation: ConversationView }) {
  const { t, i18n } = useTexts('conversation');
  const open = useOpenConversation();
  const now = useMinute();
  const { escalation, previousConversationId, state } = conversation;
  return (
    <>
      {escalation !== null && state !== 'closed' && (
        <div className={styles.escalation}>
          <p className={styles.escalatedBy}>
            <TrendingUp size={13} aria-hidden />
            {t('header.escalatedBy', {
              name: escalation.by.name,
              queue: escalation.fromQueue.name,
              time: formatMoment(escalation.at, i18n.language, now),
            })}
          </p>
          <p className={styles.reason} dir="auto" title={escalation.reason}>
            {escalation.reason}
          </p>
        </div>
      )}
      {previousConversationId !== null && (
        <p className={styles.previous}>
          {t('header.continues')}
          <button type="button" onClick={() => open(previousConversationId)}>
            {t('header.openPrevious')}
          </button>
        </p>
      )}
    </>
  );
}
