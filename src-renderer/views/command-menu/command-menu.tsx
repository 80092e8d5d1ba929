import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { foldText } from '../../../shared/primitives/fold-text.ts';
import { Avatar } from '../../components/avatar.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Picker, type PickerGroup } from '../../components/picker.tsx';
import { errorText } from '../../locales/error-text.ts';
import { formatMoment } from '../../locales/format-time.ts';
import { useConsole } from '../../stores/console-context.ts';
import { useOpenConversation } from '../../stores/use-conversations.ts';
import { useMinute } from '../../stores/use-minute.ts';
import { type Command, useCommands } from './use-commands.tsx';
import { type FoundConversation, useFoundConversations } from './use-found-conversations.ts';

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
  const { core, navigation, toasts } = useConsole();
  const [text, setText] = useState('');
  const open = useOpenConversation();
  const { items: found, state } = useFoundConversations(text);
  const commands = useCommands();
  const now = useMinute();
  const groups = useMemo((): PickerGroup[] => {
    const leave = () => navigation.getState().openDialog(null);
    const openNewestOf = async (customerId: string) => {
      try {
        const { conversations: known } = await core.request('customer.get', { customerId });
        const newest = known[0];
        if (newest !== undefined) open(newest.id);
        else toasts.getState().show({ tone: 'info', text: t('commands.noConversation') });
      } catch (error) {
        toasts.getState().show({ tone: 'error', text: errorText(t, error) });
      }
    };
    const isNamed = (one: FoundConversation) => one.conversationId === null || isCalled(one.customerName, text);
    const groupOf = (id: 'conversations' | 'mentions', ones: readonly FoundConversation[]): PickerGroup => ({
      id,
      label: t(`commands.${id}`),
      items: ones.map((one) => ({
        id: one.key,
        label: one.customerName,
        hint: `${one.text} · ${formatMoment(one.at, i18n.language, now)}`,
        icon: <Avatar id={one.customerId ?? one.key} name={one.customerName} size={22} />,
        onPick: () => {
          leave();
          if (one.conversationId !== null) open(one.conversationId);
          else if (one.customerId !== null) void openNewestOf(one.customerId);
        },
      })),
    });
    if (text.trim() === '') return [...commands, groupOf('conversations', found)];
    // What was typed names a customer more often than a command, and begins a command more often than it is what
    // somebody once wrote. That it is somewhere in a command says little: a Vietnamese syllable is in many.
    return [
      groupOf('conversations', found.filter(isNamed)),
      ...commands.map((group) => ({ ...group, items: group.items.filter((one) => isMeant(one, text)) })),
      groupOf(
        'mentions',
        found.filter((one) => !isNamed(one)),
      ),
      ...commands.map((group) => ({
        ...group,
        id: `${group.id}-else`,
        items: group.items.filter((one) => !isMeant(one, text)),
      })),
    ];
  }, [found, commands, text, core, navigation, toasts, open, t, i18n.language, now]);
  return (
    <Picker
      label={t('commands.title')}
      placeholder={t('commands.field')}
      groups={groups}
      foundElsewhere={FOUND_ELSEWHERE}
      foundElsewhereState={state}
      emptyText={t('commands.none')}
      onText={setText}
    />
  );
}

const FOUND_ELSEWHERE = ['conversations', 'mentions'];

/** What was typed is the beginning of the command; all of it where that has to be sure. */
function isMeant({ label, mustBeWhole = false }: Command, text: string): boolean {
  const [folded, typed] = [foldText(label), foldText(text).trim().replaceAll(/\s+/gu, ' ')];
  return mustBeWhole ? folded === typed : folded.startsWith(typed);
}

/** Every word that was typed begins one of the name. */
function isCalled(name: string, text: string): boolean {
  const parts = foldText(name).split(/\s+/u);
  return foldText(text)
    .trim()
    .split(/\s+/u)
    .every((word) => parts.some((part) => part.startsWith(word)));
}
