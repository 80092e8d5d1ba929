import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Avatar } from '../../components/avatar.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Picker, type PickerGroup } from '../../components/picker.tsx';
import { formatMoment } from '../../locales/format-time.ts';
import { useConsole } from '../../stores/console-context.ts';
import { useOpenConversation } from '../../stores/use-conversations.ts';
import { useMinute } from '../../stores/use-minute.ts';
import { useCommands } from './use-commands.tsx';
import { useFoundConversations } from './use-found-conversations.ts';

/** Ctrl+K: jump to a conversation by name or words, or do anything without knowing its place or keys. */
export function CommandMenu() {
  const { t } = useTranslation('shell');
  const { navigation } = useConsole();
  const isOpen = useStore(navigation, (state) => state.dialog === 'command-menu');
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={() => navigation.getState().openDialog(null)}
      title={t('commands.title')}
      place="top"
      size="normal"
    >
      <CommandList />
    </Dialog>
  );
}

function CommandList() {
  const { t, i18n } = useTranslation('shell');
  const { navigation } = useConsole();
  const [text, setText] = useState('');
  const open = useOpenConversation();
  const found = useFoundConversations(text);
  const commands = useCommands();
  const now = useMinute();
  const groups = useMemo((): PickerGroup[] => {
    const leave = () => navigation.getState().openDialog(null);
    const conversations: PickerGroup = {
      id: 'conversations',
      label: t('commands.conversations'),
      items: found.map((one) => ({
        id: one.key,
        label: one.customerName,
        hint: `${one.text} · ${formatMoment(one.at, i18n.language, now)}`,
        icon: <Avatar id={one.customerId ?? one.conversationId} name={one.customerName} size={22} />,
        onPick: () => {
          leave();
          open(one.conversationId);
        },
      })),
    };
    // What was typed names a customer more often than a command.
    return text.trim() === '' ? [...commands, conversations] : [conversations, ...commands];
  }, [found, commands, text, navigation, open, t, i18n.language, now]);
  return (
    <Picker
      label={t('commands.title')}
      placeholder={t('commands.field')}
      groups={groups}
      foundElsewhere={FOUND_ELSEWHERE}
      emptyText={t('commands.none')}
      onText={setText}
    />
  );
}

const FOUND_ELSEWHERE = ['conversations'];
