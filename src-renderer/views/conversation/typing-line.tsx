import { useTexts } from '../../locales/use-texts.ts';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { cleanLine } from '../../../shared/primitives/clean-text.ts';
import type { ConversationView } from '../../../shared/core-api/views.ts';
import { useConsole } from '../../stores/console-context.ts';
import { useAgents } from '../../stores/use-conversations.ts';
import styles from './typing-line.module.css';

/** Who is writing right now: the customer, and colleagues, so that nobody answers twice. Its room is always there. */
export function TypingLine({ conversation }: { conversation: ConversationView }) {
  const { t, i18n } = useTexts('conversation');
  const { presence, session } = useConsole();
  const agents = useAgents();
  const ownId = useStore(session, (state) => state.agent?.id ?? null);
  const typing = useStore(
    presence,
    useShallow((state) => Object.values(state.typing).filter((one) => one.conversationId === conversation.id)),
  );
  const names = (isNote: boolean) => {
    const found = typing
      .filter((one) => one.by.kind === 'agent' && one.by.id !== ownId && one.isNote === isNote)
      .map((one) => agents.find((agent) => agent.id === one.by.id)?.name)
      .filter((name) => name !== undefined);
    return found.length === 0 ? null : new Intl.ListFormat(i18n.language, { style: 'narrow' }).format(found);
  };
  const answering = names(false);
  const noting = names(true);
  const isCustomerTyping = typing.some((one) => one.by.kind === 'customer');
  return (
    <div className={styles.line} aria-live="polite">
      {isCustomerTyping && (
        <span className={styles.customer}>
          <span className={styles.dots} aria-hidden>
            <i />
            <i />
            <i />
          </span>
          {t('presence.customerTyping', { name: cleanLine(conversation.customer.name) })}
        </span>
      )}
      {answering !== null && <span className={styles.agent}>{t('presence.agentTyping', { names: answering })}</span>}
      {noting !== null && <span>{t('presence.agentNoting', { names: noting })}</span>}
    </div>
  );
}
