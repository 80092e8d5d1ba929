import { ExternalLink, Pencil, RotateCcw, SendHorizontal, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AttentionItem } from '../../../shared/core-api/views.ts';
import { Button } from '../../components/button.tsx';
import { errorText } from '../../locales/error-text.ts';
import { formatMoment } from '../../locales/format-time.ts';
import { useConsole } from '../../stores/console-context.ts';
import { useOpenConversation } from '../../stores/use-conversations.ts';
import { useMinute } from '../../stores/use-minute.ts';
import { MessageText } from '../conversation/message-text.tsx';
import styles from './attention-view.module.css';
import { commandName } from './command-name.ts';

type Action = 'send-anyway' | 'edit' | 'discard';

/** One refused command. */
export function AttentionCard({ item, onSettled }: { item: AttentionItem; onSettled: () => void }) {
  const { t, i18n } = useTranslation('attention');
  const { core, drafts, toasts } = useConsole();
  const open = useOpenConversation();
  const now = useMinute();
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const { conversationId, text, type } = item;
  const isWritten = type === 'message.send' || type === 'note.add';

  const resolve = async (action: Action) => {
    if (isBusy) return;
    setBusy(true);
    try {
      if (conversationId !== null) drafts.flush(conversationId);
      await core.request('attention.resolve', { commandId: item.commandId, action });
      if (action === 'edit' && conversationId !== null) {
        await drafts.load(conversationId, true);
        drafts.setMode(conversationId, type === 'note.add' ? 'note' : 'reply');
        open(conversationId);
      }
      const said = { 'send-anyway': 'sendAnywayDone', edit: 'editDone', discard: 'discardDone' } as const;
      toasts.getState().show({ tone: 'info', text: t(said[action]) });
      onSettled();
    } catch (error) {
      toasts.getState().show({ tone: 'error', text: errorText(i18n.t, error) });
    } finally {
      setBusy(false);
      setAsking(false);
    }
  };

  return (
    <article className={styles.card} aria-busy={isBusy}>
      <header className={styles.cardHead}>
        <h2 className={styles.what}>
          {t(`type.${commandName(type)}`)}
          {item.customerName !== null && <bdi>{` ${t('about', { name: item.customerName })}`}</bdi>}
        </h2>
        <time className={styles.time}>{formatMoment(item.at, i18n.language, now)}</time>
        {conversationId !== null && (
          <Button size="small" variant="quiet" onClick={() => open(conversationId)}>
            <ExternalLink size={13} aria-hidden />
            {t('open')}
          </Button>
        )}
      </header>
      <p className={styles.why} role="note">
        {errorText(i18n.t, item.error)}
      </p>
      {text !== null && (
        <section className={styles.block}>
          <h3>{t('youWrote')}</h3>
          <div className={styles.typed}>
            <MessageText text={text} />
          </div>
        </section>
      )}
      {item.meanwhile.length > 0 && (
        <section className={styles.block}>
          <h3>{t('meanwhileCount', { count: item.meanwhile.length })}</h3>
          <ul className={styles.meanwhile}>
            {item.meanwhile.map((message) => (
              <li key={message.id}>
                <span className={styles.author}>
                  <bdi>{message.author.name}</bdi>
                  <time>{formatMoment(message.at, i18n.language, now)}</time>
                </span>
                <MessageText text={message.text} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {item.blocked.length > 0 && (
        <section className={styles.block}>
          <h3>{t('blocked', { count: item.blocked.length })}</h3>
          <ul className={styles.blocked}>
            {item.blocked.map((one) => (
              <li key={one.commandId}>
                {t(`type.${commandName(one.type)}`)}
                {one.text !== null && <bdi className={styles.blockedText}>{one.text}</bdi>}
              </li>
            ))}
          </ul>
        </section>
      )}
      {isAsking ? (
        <footer key="asking" className={styles.actions} role="alertdialog" aria-label={t('discardAsk')}>
          <span className={styles.ask}>{t('discardAsk')}</span>
          <Button size="small" autoFocus onClick={() => setAsking(false)}>
            {t('discardNo')}
          </Button>
          <Button size="small" variant="danger" onClick={() => void resolve('discard')}>
            {t('discardYes')}
          </Button>
        </footer>
      ) : (
        // A key of its own: otherwise the button under a double click would become the one that discards.
        <footer key="actions" className={styles.actions}>
          <Button size="small" variant="primary" onClick={() => void resolve('send-anyway')}>
            {isWritten ? <SendHorizontal size={13} aria-hidden /> : <RotateCcw size={13} aria-hidden />}
            {t(isWritten ? 'sendAnyway' : 'tryAgain')}
          </Button>
          {isWritten && (
            <Button size="small" onClick={() => void resolve('edit')}>
              <Pencil size={13} aria-hidden />
              {t('edit')}
            </Button>
          )}
          <Button size="small" onClick={() => setAsking(true)}>
            <Trash2 size={13} aria-hidden />
            {t('discard')}
          </Button>
        </footer>
      )}
    </article>
  );
}
