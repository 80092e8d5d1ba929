import { CircleAlert, CircleHelp, HardDrive, Info, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTexts } from '../../locales/use-texts.ts';
import type { ConversationView } from '../../../shared/core-api/views.ts';
import { IconButton } from '../../components/icon-button.tsx';
import { errorText } from '../../locales/error-text.ts';
import type { ConversationDrafts } from '../../stores/drafts.ts';
import styles from './composer-notices.module.css';
import type { TextLimit } from './text-limit.ts';

interface Props {
  conversation: ConversationView;
  draft: ConversationDrafts;
  limit: TextLimit;
  /** Names of what a canned reply left open, once somebody tried to send it so. */
  unfilled: readonly string[];
  onFill: () => void;
  onSendAnyway: () => void;
  onDismiss: () => void;
}

/** What stands between the text and its sending, right above the text. */
export function ComposerNotices({ conversation, draft, limit, unfilled, onFill, onSendAnyway, onDismiss }: Props) {
  const { t, i18n } = useTexts('composer');
  const { sendError } = draft[draft.mode];
  const isReply = draft.mode === 'reply';
  return (
    <>
      {draft.saveError !== null && (
        <Notice tone="bad" icon={<HardDrive size={15} aria-hidden />}>
          {t('unsaved', { reason: errorText(i18n.t, draft.saveError) })}
        </Notice>
      )}
      {sendError !== null && (
        <Notice tone="bad" icon={<CircleAlert size={15} aria-hidden />}>
          <span className={styles.text}>{t('refused', { reason: errorText(i18n.t, sendError) })}</span>
          <IconButton label={t('dismiss')} size="small" tooltipSide="top" onClick={onDismiss}>
            <X size={14} aria-hidden />
          </IconButton>
        </Notice>
      )}
      {unfilled.length > 0 && (
        <Notice tone="warning" icon={<CircleHelp size={15} aria-hidden />}>
          <span className={styles.text}>{t('unfilled', { names: [...new Set(unfilled)].join(', ') })}</span>
          <button type="button" className={styles.action} onClick={onFill}>
            {t('fill')}
          </button>
          <button type="button" className={styles.action} onClick={onSendAnyway}>
            {t('sendAnyway')}
          </button>
        </Notice>
      )}
      {(limit.kind === 'over' || limit.kind === 'over-bytes') && (
        <Notice tone="bad" icon={<CircleAlert size={15} aria-hidden />}>
          {limit.kind === 'over' ? t('over', { count: limit.by }) : t('tooLongBytes')}
        </Notice>
      )}
      {isReply && !conversation.may.reply && (
        <Notice tone="quiet" icon={<Info size={15} aria-hidden />}>
          {t('mayNotReply')}
        </Notice>
      )}
      {isReply && conversation.may.reply && conversation.state === 'closed' && (
        <Notice tone="quiet" icon={<Info size={15} aria-hidden />}>
          {t('closedHint')}
        </Notice>
      )}
    </>
  );
}

function Notice(props: { tone: 'bad' | 'warning' | 'quiet'; icon: ReactNode; children: ReactNode }) {
  return (
    <div className={styles.notice} data-tone={props.tone} role={props.tone === 'bad' ? 'alert' : 'status'}>
      {props.icon}
      {props.children}
    </div>
  );
}
