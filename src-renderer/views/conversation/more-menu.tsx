import {
  AlarmClock,
  ArrowRightLeft,
  Ellipsis,
  Flag,
  Hourglass,
  TrendingDown,
  TrendingUp,
  Undo2,
  UserCheck,
} from 'lucide-react';
import { useTexts } from '../../locales/use-texts.ts';
import { useStore } from 'zustand';
import { type Priority, prioritySchema } from '../../../shared/domain/conversation/conversation.ts';
import type { ConversationView } from '../../../shared/core-api/views.ts';
import { IconButton } from '../../components/icon-button.tsx';
import {
  Menu,
  MenuContent,
  MenuItem,
  MenuRadioGroup,
  MenuRadioItem,
  MenuSeparator,
  MenuSub,
  MenuSubContent,
  MenuSubTrigger,
  MenuTrigger,
} from '../../components/menu.tsx';
import { errorText } from '../../locales/error-text.ts';
import { useConsole } from '../../stores/console-context.ts';

interface Props {
  conversation: ConversationView;
  onEscalate: () => void;
  noEscalate: string | null;
}

/** Everything that can be done with a conversation, with its shortcut beside it. */
export function MoreMenu({ conversation, onEscalate, noEscalate }: Props) {
  const { t, i18n } = useTexts('conversation');
  const { actions, core, navigation, session, toasts } = useConsole();
  const ownId = useStore(session, (state) => state.agent?.id ?? null);
  const { id, assignee, escalation, priority, queue, state, may } = conversation;
  const isClosed = state === 'closed';
  const origin = escalation !== null && escalation.fromQueue.id !== queue.id ? escalation.fromQueue : null;
  const setPriority = (next: Priority) => {
    core
      .request('conversation.setPriority', { conversationId: id, priority: next })
      .catch((error: unknown) => toasts.getState().show({ tone: 'error', text: errorText(i18n.t, error) }));
  };
  const openPicker = (kind: 'move' | 'snooze') => navigation.getState().openPicker(kind, [id]);
  return (
    <Menu modal={false}>
      <MenuTrigger asChild>
        <IconButton label={t('header.more')}>
          <Ellipsis size={17} aria-hidden />
        </IconButton>
      </MenuTrigger>
      <MenuContent align="end">
        <MenuItem
          icon={<UserCheck size={15} aria-hidden />}
          shortcut="assign-to-me"
          disabled={!may.reassign || assignee?.id === ownId}
          onSelect={() => void actions.assignToMe([id])}
        >
          {t('header.assignToMe')}
        </MenuItem>
        <MenuItem
          icon={<Undo2 size={15} aria-hidden />}
          disabled={!may.reassign || assignee === null}
          onSelect={() => void actions.assign([id], null)}
        >
          {t('pick.backToQueue')}
        </MenuItem>
        <MenuItem icon={<ArrowRightLeft size={15} aria-hidden />} onSelect={() => openPicker('move')}>
          {t('header.move')}
        </MenuItem>
        <MenuSeparator />
        <MenuItem
          icon={<Hourglass size={15} aria-hidden />}
          disabled={isClosed || state === 'waiting'}
          onSelect={() => void actions.wait([id])}
        >
          {t('header.wait')}
        </MenuItem>
        <MenuItem
          icon={<AlarmClock size={15} aria-hidden />}
          shortcut="snooze"
          disabled={isClosed}
          onSelect={() => openPicker('snooze')}
        >
          {t('header.snooze')}
        </MenuItem>
        <MenuItem
          icon={<TrendingUp size={15} aria-hidden />}
          shortcut="escalate"
          disabled={noEscalate !== null}
          onSelect={onEscalate}
        >
          {t('header.escalate')}
        </MenuItem>
        {origin !== null && (
          <MenuItem icon={<TrendingDown size={15} aria-hidden />} onSelect={() => void actions.move([id], origin)}>
            {t('header.handBack', { queue: origin.name })}
          </MenuItem>
        )}
        <MenuSeparator />
        <MenuSub>
          <MenuSubTrigger icon={<Flag size={15} aria-hidden />} hint={t(`priority.${priority}`)}>
            {t('header.priority')}
          </MenuSubTrigger>
          <MenuSubContent>
            <MenuRadioGroup value={priority} onValueChange={(value) => setPriority(prioritySchema.parse(value))}>
              {prioritySchema.options.map((one) => (
                <MenuRadioItem key={one} value={one}>
                  {t(`priority.${one}`)}
                </MenuRadioItem>
              ))}
            </MenuRadioGroup>
          </MenuSubContent>
        </MenuSub>
      </MenuContent>
    </Menu>
  );
}
