import type { AttentionItem, OutboxEntry } from '../../shared/core-api/views.ts';
import { useQuery } from './use-query.ts';

const NOTHING: readonly never[] = [];

/** What is not settled with the relay, in the order in which it goes out; null until it is known. */
export function useOutbox(limit: number): { entries: readonly OutboxEntry[] | null; total: number; error: unknown } {
  const { data, error } = useQuery('outbox.list', { limit }, ['outbox:*']);
  return { entries: data?.entries ?? null, total: data?.total ?? 0, error };
}

/** How far a command about a conversation is; undefined when it is settled, or not known. */
export function useOutboxEntry(conversationId: string, commandId: string | null): OutboxEntry | undefined {
  const { data } = useQuery('outbox.list', { conversationId }, ['outbox:*']);
  return data?.entries.find((entry) => entry.commandId === commandId);
}

/** The refused commands; null until they are known. What arrives meanwhile belongs to them. */
export function useAttention(): { items: readonly AttentionItem[] | null; error: unknown } {
  const { data, error } = useQuery('attention.list', {}, ['outbox:*', 'conversation:*']);
  return { items: data?.items ?? null, error };
}

/** The refused commands about one conversation. */
export function useHeldIn(conversationId: string): readonly AttentionItem[] {
  const { items } = useAttention();
  return items?.filter((item) => item.conversationId === conversationId) ?? NOTHING;
}
