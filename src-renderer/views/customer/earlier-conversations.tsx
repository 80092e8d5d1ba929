import { useTranslation } from 'react-i18next';
import type { ConversationSummary } from '../../../shared/core-api/views.ts';
import { ChannelIcon } from '../../components/channel-icon.tsx';
import { formatDate } from '../../locales/format-time.ts';
import { useOpenConversation } from '../../stores/use-conversations.ts';
import styles from './earlier-conversations.module.css';

interface Props {
  conversations: readonly ConversationSummary[];
  currentId: string;
}

/** The customer's other conversations on every channel; one opens in a tab beside this one. */
export function EarlierConversations({ conversations, currentId }: Props) {
  const { t, i18n } = useTranslation('customer');
  const { t: say } = useTranslation('conversation');
  const open = useOpenConversation();
  const others = conversations.filter((one) => one.id !== currentId);
  if (others.length === 0) return <p className={styles.none}>{t('noConversations')}</p>;
  return (
    <ul className={styles.list}>
      {others.map((one) => {
        const date = formatDate(one.lastMessageAt, i18n.language);
        const state = say(`header.state.${one.state}`);
        const text = one.subjectLine ?? one.lastMessage?.text ?? '';
        return (
          <li key={one.id}>
            <button
              type="button"
              className={styles.entry}
              aria-label={[t('conversation.open', { date }), state, text].filter(Boolean).join(', ')}
              onClick={() => open(one.id)}
            >
              <span className={styles.line}>
                <ChannelIcon kind={one.channel.kind} size={12} />
                <span className={styles.date}>{date}</span>
                <span className={styles.state} data-state={one.state}>
                  {state}
                </span>
              </span>
              <bdi className={styles.text}>{text}</bdi>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
