import {
  AlarmClock,
  CheckCheck,
  CornerDownRight,
  Forward,
  Inbox,
  Keyboard,
  Languages,
  ListChecks,
  LogOut,
  type LucideIcon,
  Moon,
  Plug,
  RefreshCw,
  Search,
  Settings2,
  Tag,
  TrendingUp,
  UserRoundCheck,
  UserRoundCog,
} from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { PickerGroup, PickerItem } from '../../components/picker.tsx';
import { errorText } from '../../locales/error-text.ts';
import type { ShortcutId } from '../../shortcuts/shortcut-list.ts';
import { useShortcuts } from '../../shortcuts/use-shortcut.ts';
import { useConsole } from '../../stores/console-context.ts';
import { LIST_VIEWS } from '../../stores/navigation.ts';
import { useQueues } from '../../stores/use-conversations.ts';
import { useSettings } from '../../stores/use-settings.ts';
import { useChooseList } from '../shell/use-choose-list.ts';
import { VIEW_ICONS } from '../shell/view-icons.ts';

export interface Command extends PickerItem {
  /** It changes how all goes on, asks nothing and has no undo: only its whole name means it before what else is found. */
  mustBeWhole?: boolean;
}

interface CommandGroup extends PickerGroup {
  items: readonly Command[];
}

/** Everything the command menu can do besides jumping to a conversation. */
export function useCommands(): CommandGroup[] {
  const { t } = useTranslation('shell');
  const { core, navigation, settings, sync, tabs, toasts } = useConsole();
  const shortcuts = useShortcuts();
  const chooseList = useChooseList();
  const queues = useQueues();
  const theme = useSettings((state) => state.theme);
  const language = useSettings((state) => state.language);
  const isPaused = useStore(sync, (state) => state.status?.state === 'paused');
  const isOffline = useStore(sync, (state) => state.status?.state === 'offline');
  const isCovered = useStore(navigation, (state) => state.view === 'attention');
  const activeId = useStore(tabs, (state) => state.activeId);

  return useMemo(() => {
    const item = (id: string, label: string, Icon: LucideIcon, run: () => void, shortcut?: ShortcutId): PickerItem => ({
      id,
      label,
      icon: <Icon size={16} aria-hidden />,
      ...(shortcut === undefined ? {} : { shortcut }),
      onPick: () => {
        navigation.getState().openDialog(null);
        run();
      },
    });
    /** As if its keys were pressed; only what somebody acts on now is offered. */
    const byShortcut = (id: ShortcutId, label: string, Icon: LucideIcon) =>
      shortcuts.isRegistered(id) ? [item(id, label, Icon, () => shortcuts.run(id), id)] : [];
    const showError = (error: unknown) => toasts.getState().show({ tone: 'error', text: errorText(t, error) });

    const here: CommandGroup = {
      id: 'here',
      label: t('commands.here'),
      items:
        activeId === null || isCovered
          ? []
          : [
              ...byShortcut('focus-composer', t('help.does.focus-composer'), CornerDownRight),
              ...byShortcut('assign-to-me', t('help.does.assign-to-me'), UserRoundCheck),
              ...byShortcut('assign', t('help.does.assign'), UserRoundCog),
              ...byShortcut('move', t('help.does.move'), Forward),
              ...byShortcut('snooze', t('help.does.snooze'), AlarmClock),
              ...byShortcut('close', t('help.does.close'), CheckCheck),
              ...byShortcut('escalate', t('help.does.escalate'), TrendingUp),
              ...byShortcut('tag', t('help.does.tag'), Tag),
            ],
    };
    const go: CommandGroup = {
      id: 'go',
      label: t('commands.go'),
      items: [
        ...byShortcut('search', t('help.does.search'), Search),
        ...LIST_VIEWS.map((view) =>
          item(`list-${view}`, t(`rail.view.${view}`), VIEW_ICONS[view], () => chooseList(view)),
        ),
        ...queues.map((queue) => item(`queue-${queue.id}`, queue.name, Inbox, () => chooseList('open', queue.id))),
      ],
    };
    const setOnline = (isOnline: boolean) => core.request('sync.setOnline', { isOnline }).catch(showError);
    const own: CommandGroup = {
      id: 'own',
      label: t('commands.own'),
      items: [
        ...(isOffline ? [item('try-now', t('commands.tryNow'), RefreshCw, () => void setOnline(true))] : []),
        {
          ...item('theme', theme === 'dark' ? t('commands.light') : t('commands.dark'), Moon, () =>
            settings.getState().set('theme', theme === 'dark' ? 'light' : 'dark'),
          ),
          words: t('settings.theme'),
        },
        {
          ...item('language', language === 'vi' ? 'Switch to English' : 'Chuyển sang tiếng Việt', Languages, () =>
            settings.getState().set('language', language === 'vi' ? 'en' : 'vi'),
          ),
          words: t('settings.language'),
        },
        {
          ...item(
            'online',
            isPaused ? t('status.goOnline') : t('status.goOffline'),
            Plug,
            () => void setOnline(isPaused),
          ),
          words: t('commands.onlineWords'),
          mustBeWhole: !isPaused,
        },
        item('outbox', t('commands.outbox'), ListChecks, () => navigation.getState().openDialog('outbox')),
        item('settings', t('settings.title'), Settings2, () => navigation.getState().openDialog('settings')),
        item('help', t('help.title'), Keyboard, () => navigation.getState().openDialog('help'), 'help'),
        item('sign-out', t('signOut.title'), LogOut, () => navigation.getState().openDialog('sign-out')),
      ],
    };
    return [here, go, own];
  }, [
    t,
    core,
    navigation,
    chooseList,
    settings,
    toasts,
    shortcuts,
    queues,
    theme,
    language,
    isPaused,
    isOffline,
    isCovered,
    activeId,
  ]);
}
