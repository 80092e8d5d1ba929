import type { AttentionItem, OutboxEntry } from '../../shared/core-api/views.ts';
import { useQuery } from './use-query.ts';

const NOTHING: readonly never[] = [];

/** Everything that is not settled with the relay, in the order in which it goes out; null until it is known. */
export function useOutbox(): { entries: readonly OutboxEntry[] | null; error: unknown } {
  const { data, error } = useQuery('outbox.list', {}, ['outbox:*']);
  return { entries: data?.entries ?? null, error };
}

/** How far a command of this device is; undefined when it is settled, or not known. */
export function useOutboxEntry(commandId: string | null): OutboxEntry | undefined {
  return useOutbox().entries?.find((entry) => entry.commandId === commandId);
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
