import { Lock, RotateCcw } from 'lucide-react';
import { memo } from 'react';
import { useTexts } from '../../locales/use-texts.ts';
import { useStore } from 'zustand';
import type { MessageView, OutboxEntry } from '../../../shared/core-api/views.ts';
import { Avatar } from '../../components/avatar.tsx';
import { IconButton } from '../../components/icon-button.tsx';
import { joinClasses } from '../../components/join-classes.ts';
import { LineIcon } from '../../components/line-icon.tsx';
import { formatClock } from '../../locales/format-time.ts';
import { useConsole } from '../../stores/console-context.ts';
import { useOutboxEntry } from '../../stores/use-outbox.ts';
import { useStays } from '../../stores/use-stays.ts';
import { DeliveryLine, DeliveryMark } from './delivery-mark.tsx';
import { formatFull } from './format-full.ts';
import { MessageAttachments } from './message-attachments.tsx';
import styles from './message-row.module.css';
import { MessageText } from './message-text.tsx';
import type { useMessageActions } from './use-message-actions.ts';

interface Props {
  message: MessageView;
  startsGroup: boolean;
  endsGroup: boolean;
  isOwn: boolean;
  actions: ReturnType<typeof useMessageActions>;
}

/** What a customer or an agent wrote: the customer on the left, agents on the right, private notes in amber. */
export const MessageRow = memo(function MessageRow({ message, startsGroup, endsGroup, isOwn, actions }: Props) {
  const { t, i18n } = useTexts('conversation');
  const { author, kind } = message;
  const isNote = kind === 'note';
  const isCustomer = author.kind === 'customer';
  const name = isOwn ? t('message.you') : author.name;
  const clock = formatClock(message.at, i18n.language);
  const full = formatFull(message.at, i18n.language);
  return (
    <article
      className={joinClasses(
        styles.row,
        isCustomer ? styles.customer : styles.agent,
        isNote && styles.note,
        endsGroup && styles.last,
      )}
      aria-label={`${isNote ? `${t('message.note')}, ` : ''}${name}, ${full}`}
      data-pending={message.isPending || undefined}
      data-state={message.state ?? undefined}
    >
      {isCustomer && <div className={styles.avatar}>{startsGroup && <Avatar id={author.id} name={author.name} />}</div>}
      <div className={styles.stack}>
        {startsGroup && (
          <div className={styles.head}>
            {isNote && (
              <span className={styles.noteLabel} title={t('message.noteHint')}>
                <Lock size={12} aria-hidden />
                {t('message.note')}
              </span>
            )}
            <bdi className={styles.name}>{name}</bdi>
          </div>
        )}
        <div className={styles.line}>
          <div className={styles.bubble} data-anchor={message.id}>
            {message.attachments.length > 0 && (
              <MessageAttachments conversationId={message.conversationId} attachments={message.attachments} />
            )}
            {message.text !== '' && <MessageText text={message.text} />}
            <span className={styles.meta}>
              <time dateTime={new Date(message.at).toISOString()} title={full}>
                {clock}
              </time>
              {message.isPending && message.state === 'waiting' ? (
                <PendingMark message={message} />
              ) : (
                <DeliveryMark message={message} />
              )}
            </span>
          </div>
          {message.text !== '' && (
            <IconButton
              label={t('message.copy')}
              size="small"
              tooltipSide="top"
              className={joinClasses(styles.copy)}
              onClick={() => actions.copy(message.text)}
            >
              <LineIcon name="copy" />
            </IconButton>
          )}
        </div>
        <MessageFooter message={message} actions={actions} />
      </div>
    </article>
  );
});

function PendingMark({ message }: Pick<Props, 'message'>) {
  return (
    <DeliveryMark message={message} hasLeft={hasLeft(useOutboxEntry(message.conversationId, message.commandId))} />
  );
}

/** What has to be said or done about a message that is not on its way as it should be. */
function MessageFooter({ message, actions }: Pick<Props, 'message' | 'actions'>) {
  const { state } = message;
  if (state === 'refused') return <RefusedFooter message={message} actions={actions} />;
  if (message.isPending) return <PendingFooter message={message} actions={actions} />;
  if (state !== 'failed' && state !== 'unknown') return null;
  return (
    <div className={styles.footer}>
      <DeliveryLine message={message} />
    </div>
  );
}

function RefusedFooter({ message, actions }: Pick<Props, 'message' | 'actions'>) {
  const { t } = useTexts('conversation');
  return (
    <div className={styles.footer}>
      <DeliveryLine message={message} />
      <button type="button" className={styles.action} onClick={() => actions.resolve(message)}>
        {t('message.resolve')}
      </button>
    </div>
  );
}

/** Online it is there for an instant only; what passes at once is not worth a line that comes and goes. */
const LASTING_MS = 1000;

/** What was written and is not with the relay yet: how far it is, and the way back as long as there is one. */
function PendingFooter({ message, actions }: Pick<Props, 'message' | 'actions'>) {
  const { t } = useTexts('conversation');
  const { sync } = useConsole();
  const isOnline = useStore(sync, ({ link, status }) => link === 'up' && status?.state === 'online');
  const isLasting = useStays(true, LASTING_MS);
  const entry = useOutboxEntry(message.conversationId, message.commandId);
  if (isOnline && !isLasting) return null;
  return (
    <div className={styles.footer}>
      {message.kind === 'note' ? (
        <span>{t(hasLeft(entry) ? 'delivery.submitting.text' : 'delivery.waiting.text')}</span>
      ) : (
        <DeliveryLine message={message} hasLeft={hasLeft(entry)} />
      )}
      {!hasLeft(entry) && (
        <button type="button" className={styles.action} onClick={() => void actions.takeBack(message)}>
          <RotateCcw size={12} aria-hidden />
          {t('message.undo')}
        </button>
      )}
    </div>
  );
}

function hasLeft(entry: OutboxEntry | undefined): boolean {
  return entry !== undefined && !entry.mayTakeBack && entry.state !== 'blocked';
}
