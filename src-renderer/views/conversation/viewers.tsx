import { Eye } from 'lucide-react';
import { useTexts } from '../../locales/use-texts.ts';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { Avatar } from '../../components/avatar.tsx';
import { Tooltip } from '../../components/tooltip.tsx';
import { useConsole } from '../../stores/console-context.ts';
import { useAgents } from '../../stores/use-conversations.ts';
import styles from './conversation-header.module.css';

const MOST = 3;

/** Colleagues who have the same conversation open. */
export function Viewers({ conversationId }: { conversationId: string }) {
  const { t, i18n } = useTexts('conversation');
  const { presence, session } = useConsole();
  const ownId = useStore(session, (state) => state.agent?.id ?? null);
  const ids = useStore(
    presence,
    useShallow((state) =>
      Object.values(state.viewing)
        .filter((one) => one.conversationId === conversationId && one.agentId !== ownId)
        .map((one) => one.agentId),
    ),
  );
  const viewers = useAgents().filter((agent) => ids.includes(agent.id));
  if (viewers.length === 0) return null;
  const names = new Intl.ListFormat(i18n.language).format(viewers.map((agent) => agent.name));
  return (
    <Tooltip text={t('presence.youAnd', { names })}>
      <span className={styles.viewers} role="img" aria-label={t('presence.youAnd', { names })} tabIndex={0}>
        <Eye size={14} aria-hidden />
        {viewers.slice(0, MOST).map((agent) => (
          <Avatar key={agent.id} id={agent.id} name={agent.name} size={22} />
        ))}
        {viewers.length > MOST && <span>{`+${viewers.length - MOST}`}</span>}
      </span>
    </Tooltip>
  );
}
