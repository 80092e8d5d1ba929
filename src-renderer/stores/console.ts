import type { StoreApi } from 'zustand/vanilla';
import type { CoreClient } from '../core-client/core-client.ts';
import type { HostClient } from '../core-client/host-client.ts';
import type { ConversationSummary } from '../../shared/core-api/views.ts';
import type { Clock, Random } from '../../shared/primitives/clock.ts';
import { makeUuidV7 } from '../../shared/primitives/uuid-v7.ts';
import { type ActionWords, type ConversationActions, createConversationActions } from './conversation-actions.ts';
import { createHandOver, type HandOver } from './hand-over.ts';
import { ConversationLists } from './conversation-lists.ts';
import { createDraftsStore, type DraftsStore } from './drafts.ts';
import { createFileStore, type FileStore } from './files.ts';
import type { ScheduleFrame } from './frame-schedule.ts';
import { createMessagesStore, type MessagesStore } from './messages.ts';
import { createMinuteStore, type MinuteStore } from './minute.ts';
import { createNavigationStore, type NavigationState } from './navigation.ts';
import { createOpenEdits, type OpenEdits } from './open-edits.ts';
import { createPresenceStore, type PresenceStore } from './presence.ts';
import { QueryCache } from './query-cache.ts';
import { createSelectionStore, type SelectionStore } from './selection.ts';
import { createSessionStore, type SessionStore } from './session.ts';
import { createSettingsStore, type EarlyCopy, loadSettings, type SettingsStore } from './settings.ts';
import { createSyncStore, noteStatus, type SyncStore } from './sync.ts';
import { createTabStore, keepTabs, type TabStore } from './tabs.ts';
import { createToastStore, type ToastStore } from './toasts.ts';

export interface ConsoleParts {
  core: CoreClient;
  host: HostClient;
  clock: Clock;
  random: Random;
  scheduleFrame: ScheduleFrame;
  earlyCopy: EarlyCopy;
  words: () => ActionWords;
}

/** Everything a view may use, made once by `main.tsx` and handed down by `ConsoleContext`. */
export interface Console {
  readonly core: CoreClient;
  readonly host: HostClient;
  readonly clock: Clock;
  /** A new UUIDv7: command ids, message ids. */
  makeId(): string;
  readonly queries: QueryCache;
  readonly lists: ConversationLists;
  readonly actions: ConversationActions;
  readonly handOver: HandOver;
  readonly session: SessionStore;
  readonly sync: SyncStore;
  readonly settings: SettingsStore;
  readonly tabs: TabStore;
  readonly selection: SelectionStore;
  readonly toasts: ToastStore;
  readonly presence: PresenceStore;
  readonly navigation: StoreApi<NavigationState>;
  readonly messages: MessagesStore;
  readonly drafts: DraftsStore;
  readonly openEdits: OpenEdits;
  readonly files: FileStore;
  readonly minute: MinuteStore;
  /** Begins to talk to the core. @returns its own undo */
  start(): () => void;
  /** Reads again who is signed in, and shows what belongs to them. @throws AppError of the core */
  readSession(): Promise<void>;
  /** Saves at once what waits to be saved (the window is being hidden or closed). */
  flush(): void;
}

export function createConsole(parts: ConsoleParts): Console {
  const { core, host, clock, random, scheduleFrame, earlyCopy, words } = parts;
  const session = createSessionStore();
  const sync = createSyncStore();
  const settings = createSettingsStore(core, clock, earlyCopy);
  const tabs = createTabStore();
  const selection = createSelectionStore();
  const toasts = createToastStore(clock);
  const presence = createPresenceStore(clock);
  const navigation = createNavigationStore();
  const files = createFileStore(core);
  const messages = createMessagesStore(core);
  const drafts = createDraftsStore(core, clock, random, files);
  const queries = new QueryCache(core, clock, scheduleFrame);
  const lists = new ConversationLists(core, clock);
  const handOver = createHandOver({ clock, queries, tabs, drafts });
  const makeId = () => makeUuidV7(clock.now(), random.bytes(10));
  let kept: Awaited<ReturnType<typeof keepTabs>> | null = null;

  const summaryOf = async (conversationId: string): Promise<ConversationSummary | null> =>
    lists.summaries.getState()[conversationId] ??
    queries.state('conversation.get', { conversationId }).data ??
    core.request('conversation.get', { conversationId }).catch(() => null);

  /** What belonged to the last agent goes before the new one's views are shown. */
  const forget = () => {
    kept?.stop();
    kept = null;
    selection.getState().clear();
    presence.reset();
    lists.clear();
    queries.clear();
    messages.clear();
    drafts.clear();
    tabs.setState(tabs.getInitialState(), true);
    navigation.setState(navigation.getInitialState(), true);
    // Only they may have back what they did and wrote.
    toasts.setState(({ toasts: shown }) => ({ toasts: shown.filter(({ undo, rescued }) => !undo && !rescued) }));
  };
  /** The list of the last time; the first time what waits for somebody, unless there is work already. */
  const showFirstList = async () => {
    const { list } = settings.getState();
    const { showList } = navigation.getState();
    if (list !== null) return showList(list.view, list.queueId);
    const { mine } = await core.request('conversation.counts', {});
    if (mine === 0) showList('unassigned');
  };
  const keepList = ({ view, queueId }: NavigationState, before: NavigationState) => {
    const isOther = view !== before.view || queueId !== before.queueId;
    // What needs attention is an errand, not where the agent works.
    if (isOther && view !== 'attention' && kept !== null) settings.getState().set('list', { view, queueId });
  };
  const restore = async () => {
    await loadSettings(core, settings, earlyCopy);
    await showFirstList();
    kept = await keepTabs(core, clock, tabs);
  };
  const adopt = async () => {
    const { agent, workspaceName, relayUrl } = await core.request('session.current', {});
    if ((session.getState().agent?.id ?? null) !== (agent?.id ?? null)) forget();
    noteStatus(sync, await core.request('sync.status', {}));
    // Before anything is shown, so that nothing jumps. A device that cannot read it lets the agent work all the same.
    if (agent !== null && kept === null) await restore().catch(() => tabs.setState({ isLoaded: true }));
    session.setState({ phase: agent === null ? 'signed-out' : 'signed-in', agent, workspaceName, relayUrl });
  };
  let adopting = Promise.resolve();
  /** One after the other: the core tells of a sign-in while the view that asked for it does the same. */
  const readSession = () => {
    // Whoever asked for the one before was told of its failure.
    adopting = adopting.catch(() => {}).then(adopt);
    return adopting;
  };
  const adoptQuietly = () => {
    readSession().catch(() => {
      // The link broke again; the next `up` starts over.
    });
  };

  return {
    core,
    host,
    clock,
    makeId,
    queries,
    lists,
    actions: createConversationActions({
      core,
      words,
      toasts: () => toasts.getState(),
      makeId,
      me: () => session.getState().agent,
      summaryOf,
      handOver,
    }),
    handOver,
    session,
    sync,
    settings,
    tabs,
    selection,
    toasts,
    presence,
    navigation,
    messages,
    drafts,
    openEdits: createOpenEdits(),
    files,
    minute: createMinuteStore(clock),
    start() {
      const stops = [
        queries.start(),
        lists.start(),
        navigation.subscribe(keepList),
        messages.start(),
        core.onLink((link) => {
          sync.setState({ link });
          if (link === 'up') adoptQuietly();
          else presence.reset();
        }),
        core.onPush('status', (status) => {
          const hasSigned = (status.state === 'signed-out') !== (session.getState().phase === 'signed-out');
          noteStatus(sync, status);
          if (hasSigned) adoptQuietly();
          if (status.state !== 'online' && status.state !== 'catching-up') presence.reset();
        }),
        core.onPush('outbox', ({ pendingCount, attentionCount }) => {
          const { status } = sync.getState();
          if (status !== null) sync.setState({ status: { ...status, pendingCount, attentionCount } });
        }),
        core.onPush('signedOut', ({ reason }) => {
          session.setState({ endedReason: reason });
          adoptQuietly();
        }),
        core.onPush('draftChanged', ({ conversationId }) => drafts.changedElsewhere(conversationId)),
        core.onPush('changed', ({ subjects }) => {
          const { agent } = session.getState();
          if (agent !== null && (subjects.includes(`agent:${agent.id}`) || subjects.includes('*'))) adoptQuietly();
        }),
        core.onEphemeral((ephemeral) => presence.receive(ephemeral)),
        host.onPush('openConversation', ({ conversationId }) => {
          navigation.getState().showConversation();
          tabs.getState().open(conversationId);
        }),
      ];
      core.start();
      return () => {
        for (const stop of stops) stop();
        kept?.stop();
        core.stop();
      };
    },
    readSession,
    flush() {
      kept?.flush();
      drafts.flushAll();
      settings.getState().saveNow();
    },
  };
}
