import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import type { ConversationFilter, CoreOutput } from '../../shared/core-api/requests.ts';
import type { AgentView, ConversationSummary, ConversationView, QueueView } from '../../shared/core-api/views.ts';
import { useConsole } from './console-context.ts';
import { subjectsOfConversation } from './conversation-subjects.ts';
import type { ConversationList, ListSort, ListState } from './conversation-lists.ts';
import type { QueryState } from './query-cache.ts';
import { useQuery } from './use-query.ts';

/** A list's row; undefined while it is not known. */
export function useConversationSummary(conversationId: string): ConversationSummary | undefined {
  const { lists } = useConsole();
  return useStore(lists.summaries, (summaries) => summaries[conversationId]);
}

/** One conversation, kept current while it is shown. */
export function useConversation(conversationId: string): QueryState<'conversation.get'> & {
  data: ConversationView | undefined;
} {
  return useQuery('conversation.get', { conversationId }, subjectsOfConversation(conversationId));
}

/** The customers' names of conversations that are shown elsewhere too, in their order; undefined while not known. */
export function useCustomerNames(conversationIds: readonly string[]): readonly (string | undefined)[] {
  const { queries } = useConsole();
  const key = JSON.stringify(conversationIds);
  const subscribe = useCallback(
    (listener: () => void) => {
      const stops = (JSON.parse(key) as string[]).map((conversationId) =>
        queries.observe('conversation.get', { conversationId }, subjectsOfConversation(conversationId), listener),
      );
      return () => stops.forEach((stop) => stop());
    },
    [queries, key],
  );
  // As one text: the same names are the same snapshot, whatever else changed.
  const names = useSyncExternalStore(subscribe, () =>
    JSON.stringify(
      conversationIds.map(
        (conversationId) => queries.state('conversation.get', { conversationId }).data?.customer.name ?? null,
      ),
    ),
  );
  return useMemo(() => (JSON.parse(names) as (string | null)[]).map((name) => name ?? undefined), [names]);
}

/** A filtered list: its state, and the list itself for reading rows and telling what is looked at. */
export function useConversationList(
  filter: ConversationFilter,
  sort: ListSort,
): ListState & { list: ConversationList } {
  const { lists } = useConsole();
  const { view, queueId = null, customerId = null } = filter;
  const list = useMemo(() => lists.list({ view, queueId, customerId }, sort), [lists, view, queueId, customerId, sort]);
  useEffect(() => list.observe(), [list]);
  const state = useStore(list.store);
  return useMemo(() => ({ ...state, list }), [state, list]);
}

export type Counts = CoreOutput<'conversation.counts'>;

export function useCounts(): Counts | undefined {
  return useQuery('conversation.counts', {}, ['conversation:*', 'queue:*', 'agent:*']).data;
}

const NO_AGENTS: readonly AgentView[] = [];
const NO_QUEUES: readonly QueueView[] = [];

export function useAgents(): readonly AgentView[] {
  return useQuery('agent.list', {}, ['agent:*']).data?.agents ?? NO_AGENTS;
}

export function useQueues(): readonly QueueView[] {
  return useQuery('queue.list', {}, ['queue:*', 'conversation:*', 'agent:*']).data?.queues ?? NO_QUEUES;
}

/** The agent's availability now: what was heard last, else what the core knew. */
export function useAvailability(agentId: string): AgentView['presence'] {
  const { presence } = useConsole();
  const heard = useStore(presence, (state) => state.availability[agentId]);
  const known = useAgents().find((agent) => agent.id === agentId)?.presence;
  return heard ?? known ?? 'offline';
}

/** Opens a conversation in a tab and goes there. */
export function useOpenConversation(): (conversationId: string, options?: { isActivated?: boolean }) => void {
  const { tabs, navigation } = useConsole();
  return useCallback(
    (conversationId, options) => {
      if (options?.isActivated !== false) navigation.getState().showConversation();
      tabs.getState().open(conversationId, options);
    },
    [tabs, navigation],
  );
}
