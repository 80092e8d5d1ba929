import { Copy, Trash2 } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { AppError } from '../../../shared/errors.ts';
import { Button } from '../../components/button.tsx';
import { errorText } from '../../locales/error-text.ts';
import { useConsole } from '../../stores/console-context.ts';
import { type DraftKind, EMPTY_DRAFTS } from '../../stores/drafts.ts';
import { joinBelow } from '../../stores/keep-typed.ts';
import { useCopyText } from '../../stores/use-copy-text.ts';
import { useIsOnline } from '../../stores/use-is-online.ts';
import { HeldBar } from '../attention/held-bar.tsx';
import { ABSENCE_ICONS } from './absence-icons.ts';
import { kindOfAbsence } from './kind-of-absence.ts';
import { MessageText } from './message-text.tsx';
import styles from './absent-conversation.module.css';

interface Props {
  conversationId: string;
  error: AppError;
}

/**
 * In the place of a conversation that cannot be shown: its customer was erased, access was withdrawn, it is not on this
 * device while there is no connection, or reading failed. The tab stays, and so does what was being written.
 */
export function AbsentConversation({ conversationId, error }: Props) {
  const { t, i18n } = useTranslation('conversation');
  const { drafts, tabs } = useConsole();
  const isOnline = useIsOnline();
  useEffect(() => {
    drafts.load(conversationId).catch(() => {
      // What was typed in this window is shown all the same.
    });
  }, [drafts, conversationId]);

  const kind = kindOfAbsence(error, isOnline);
  const Icon = ABSENCE_ICONS[kind];
  return (
    <section className={styles.absent} aria-label={t(`absent.${kind}`)}>
      <div className={styles.words} role="status">
        <Icon size={30} aria-hidden />
        <h1>{t(`absent.${kind}`)}</h1>
        <p>{kind === 'failed' ? errorText(i18n.t, error) : t(`absent.${kind}Text`)}</p>
      </div>
      <KeptDraft conversationId={conversationId} kind="reply" />
      <KeptDraft conversationId={conversationId} kind="note" />
      <div className={styles.held}>
        <HeldBar conversationId={conversationId} isAlone />
      </div>
      <Button onClick={() => tabs.getState().close(conversationId)}>{t('absent.close')}</Button>
    </section>
  );
}

/** What was being written there, to be taken along. */
function KeptDraft({ conversationId, kind }: { conversationId: string; kind: DraftKind }) {
  const { t } = useTranslation('conversation');
  const { drafts, toasts } = useConsole();
  const copyText = useCopyText();
  const { text } = useStore(drafts, (state) => (state.drafts[conversationId] ?? EMPTY_DRAFTS)[kind]);
  if (text.trim() === '') return null;
  const discard = () => {
    drafts.edit(conversationId, kind, { text: '', caret: 0 });
    drafts.flush(conversationId);
    const undo = () => joinBelow(drafts, conversationId, kind, text);
    toasts.getState().show({ tone: 'info', text: t('absent.discarded'), undo });
  };
  return (
    <div className={styles.draft}>
      <h2>{t(`absent.draft.${kind}`)}</h2>
      <div className={styles.text}>
        <MessageText text={text} />
      </div>
      <div className={styles.actions}>
        <Button size="small" variant="primary" onClick={() => copyText(text)}>
          <Copy size={13} aria-hidden />
          {t('absent.copy')}
        </Button>
        <Button size="small" onClick={discard}>
          <Trash2 size={13} aria-hidden />
          {t('absent.discard')}
        </Button>
      </div>
    </div>
  );
}
