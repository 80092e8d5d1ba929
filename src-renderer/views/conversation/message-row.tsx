import { Copy, Lock, RotateCcw } from 'lucide-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { MessageView } from '../../../shared/core-api/views.ts';
import { Avatar } from '../../components/avatar.tsx';
import { IconButton } from '../../components/icon-button.tsx';
import { joinClasses } from '../../components/join-classes.ts';
import { formatClock } from '../../locales/format-time.ts';
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
  const { t, i18n } = useTranslation('conversation');
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
              <DeliveryMark message={message} />
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
              <Copy size={14} aria-hidden />
            </IconButton>
          )}
        </div>
        <MessageFooter message={message} actions={actions} />
      </div>
    </article>
  );
});

/** What has to be said or done about a message that is not on its way as it should be. */
function MessageFooter({ message, actions }: Pick<Props, 'message' | 'actions'>) {
  const { t } = useTranslation('conversation');
  const mayTakeBack = message.state === 'waiting' || (message.kind === 'note' && message.isPending);
  if (message.state === 'refused') {
    return (
      <div className={styles.footer}>
        <DeliveryLine message={message} />
        <button type="button" className={styles.action} onClick={actions.resolve}>
          {t('message.resolve')}
        </button>
      </div>
    );
  }
  if (message.state === 'waiting' || message.state === 'failed' || message.state === 'unknown' || mayTakeBack) {
    return (
      <div className={styles.footer}>
        {message.kind === 'note' ? t('delivery.waiting.text') : <DeliveryLine message={message} />}
        {mayTakeBack && (
          <button type="button" className={styles.action} onClick={() => actions.takeBack(message)}>
            <RotateCcw size={12} aria-hidden />
            {t('message.undo')}
          </button>
        )}
      </div>
    );
  }
  return null;
}
