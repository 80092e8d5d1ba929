import { MessagesSquare } from 'lucide-react';
import { type CSSProperties, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorBoundary } from '../../components/error-boundary.tsx';
import { KeyHint } from '../../components/key-hint.tsx';
import { Resizer } from '../../components/resizer.tsx';
import { Toaster } from '../../components/toaster.tsx';
import { ShortcutRegistry } from '../../shortcuts/shortcut-registry.ts';
import { ShortcutContext, useShortcutListener } from '../../shortcuts/use-shortcut.ts';
import { useConsole } from '../../stores/console-context.ts';
import { useSettings } from '../../stores/use-settings.ts';
import { AttentionView } from '../attention/attention-view.tsx';
import { ActionPicker } from '../bulk/action-picker.tsx';
import { CommandMenu } from '../command-menu/command-menu.tsx';
import { ConversationPane } from '../conversation/conversation-pane.tsx';
import { CustomerSidebar } from '../customer/customer-sidebar.tsx';
import { InboxPane } from '../inbox/inbox-pane.tsx';
import { OutboxDialog } from '../outbox/outbox-dialog.tsx';
import { SearchPanel } from '../search/search-panel.tsx';
import { SettingsDialog } from '../settings/settings-dialog.tsx';
import { ShortcutHelp } from '../settings/shortcut-help.tsx';
import { SignOutDialog } from '../settings/sign-out-dialog.tsx';
import { NoticeBar } from '../status/notice-bar.tsx';
import { Rail } from './rail.tsx';
import styles from './shell.module.css';
import { TabStrip, tabElementId, tabPanelId } from './tab-strip.tsx';
import { useArrivals } from './use-arrivals.ts';
import { useShellKeys } from './use-shell-keys.ts';

export const LIST_WIDTH = { min: 260, max: 520 };
export const SIDEBAR_WIDTH = { min: 220, max: 460 };

/** The whole console of a signed-in agent. */
export function Shell() {
  const registry = useMemo(() => new ShortcutRegistry(), []);
  useShortcutListener(registry);
  return (
    <ShortcutContext value={registry}>
      <ShellPanes />
      <ActionPicker />
      <CommandMenu />
      <OutboxDialog />
      <SettingsDialog />
      <ShortcutHelp />
      <SignOutDialog />
    </ShortcutContext>
  );
}

function ShellPanes() {
  const { t } = useTranslation('shell');
  const { navigation, settings } = useConsole();
  const isAttention = useStore(navigation, (state) => state.view === 'attention');
  const isSearching = useStore(navigation, (state) => state.isSearching);
  const panes = useSettings((state) => state.panes);
  useShellKeys();
  useArrivals();
  return (
    <div className={styles.shell}>
      <Rail />
      <div className={styles.stage}>
        <NoticeBar />
        <div className={styles.panes} style={{ '--wanted-list-width': `${panes.list}px` } as CSSProperties}>
          <Toaster />
          {isAttention && !isSearching ? (
            <main className={styles.wide} data-pane="attention">
              <AttentionView />
            </main>
          ) : (
            <>
              <div className={styles.list}>{isSearching ? <SearchPanel /> : <InboxPane />}</div>
              <Resizer
                label={t('panes.list')}
                value={panes.list}
                {...LIST_WIDTH}
                pane="before"
                onChange={(list) => settings.getState().set('panes', { ...panes, list })}
              />
              <OpenConversations />
            </>
          )}
        </div>
      </div>
    </div>
  );
}

function OpenConversations() {
  const { t } = useTranslation('shell');
  const { tabs, settings } = useConsole();
  const activeId = useStore(tabs, (state) => state.activeId);
  const isLoaded = useStore(tabs, (state) => state.isLoaded);
  const panes = useSettings((state) => state.panes);
  return (
    <main className={styles.main}>
      <TabStrip />
      {activeId === null ? (
        isLoaded && (
          <EmptyState icon={<MessagesSquare size={30} aria-hidden />} title={t('noTab.title')}>
            <p>{t('noTab.text')}</p>
            <p className={styles.keys}>
              <KeyHint keys="J" /> <KeyHint keys="K" /> {t('noTab.move')} · <KeyHint keys="Enter" /> {t('noTab.open')} ·{' '}
              <KeyHint shortcut="command-menu" /> {t('noTab.commands')}
            </p>
          </EmptyState>
        )
      ) : (
        <div className={styles.work} role="tabpanel" id={tabPanelId} aria-labelledby={tabElementId(activeId)}>
          <div className={styles.conversation} data-pane="conversation">
            <ErrorBoundary key={activeId}>
              <ConversationPane conversationId={activeId} />
            </ErrorBoundary>
          </div>
          {panes.isSidebarOpen && (
            <div className={styles.beside}>
              <Resizer
                label={t('panes.sidebar')}
                value={panes.sidebar}
                {...SIDEBAR_WIDTH}
                pane="after"
                onChange={(sidebar) => settings.getState().set('panes', { ...panes, sidebar })}
              />
              <div className={styles.sidebar} style={{ width: panes.sidebar }} data-pane="sidebar">
                <ErrorBoundary key={activeId}>
                  <CustomerSidebar conversationId={activeId} />
                </ErrorBoundary>
              </div>
            </div>
          )}
        </div>
      )}
    </main>
  );
}
