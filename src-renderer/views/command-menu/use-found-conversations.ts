import { useEffect, useState } from 'react';
import type { FoundElsewhereState } from '../../components/picker.tsx';
import { useConsole } from '../../stores/console-context.ts';
import { useConversationList } from '../../stores/use-conversations.ts';

export interface FoundConversation {
  key: string;
  /** Null for a customer found by name: which conversation is decided when it is picked. */
  conversationId: string | null;
  customerId: string | null;
  customerName: string;
  text: string;
  at: number;
}

const DELAY_MS = 60;
/** So long an Enter waits for a search that does not answer. */
const AWAITED_MS = 600;
const LIMIT = 8;

interface Found {
  text: string;
  items: FoundConversation[];
  state: 'there' | 'missing';
}

const NOTHING_YET: Found = { text: '', items: [], state: 'there' };

/**
 * Conversations for what is typed, newest first; while nothing is, those that were active last. Awaited: those of the
 * text before, until those of this one are there. Missing: the search failed, or has not answered yet; it still may.
 */
export function useFoundConversations(text: string): { items: FoundConversation[]; state: FoundElsewhereState } {
  const { core, clock, lists } = useConsole();
  const { list, total } = useConversationList({ view: 'open' }, 'newest');
  const [found, setFound] = useState(NOTHING_YET);
  const wanted = text.trim();

  useEffect(() => {
    if (wanted === '') return;
    let isCurrent = true;
    const cancel = clock.after(DELAY_MS, () => {
      core
        .request('search.run', { text: wanted, limit: 40 })
        .then(({ hits }) => {
          if (!isCurrent) return;
          const seen = new Set<string>();
          const items = hits.flatMap(({ conversationId, customerId, customerName, at, snippet }) => {
            const key = conversationId ?? customerId;
            if (key === null || seen.has(key)) return [];
            seen.add(key);
            return [{ key, conversationId, customerId, customerName, at, text: snippet.text }];
          });
          setFound({ text: wanted, items: items.slice(0, LIMIT), state: 'there' });
        })
        // Search being away leaves the commands, which is what the menu is for.
        .catch(() => isCurrent && setFound({ text: wanted, items: [], state: 'missing' }));
    });
    const giveUp = clock.after(AWAITED_MS, () => {
      setFound((now) => (now.text === wanted ? now : { text: wanted, items: [], state: 'missing' }));
    });
    return () => {
      isCurrent = false;
      cancel();
      giveUp();
      // The same text another time is another search.
      setFound((now) => (now.state === 'missing' ? NOTHING_YET : now));
    };
  }, [wanted, core, clock]);

  if (wanted !== '') return { items: found.items, state: found.text === wanted ? found.state : 'awaited' };
  const recent: FoundConversation[] = [];
  for (let index = 0; index < Math.min(total ?? 0, LIMIT); index += 1) {
    const id = list.idAt(index);
    const summary = id === null ? undefined : lists.summaries.getState()[id];
    if (summary === undefined) continue;
    recent.push({
      key: summary.id,
      conversationId: summary.id,
      customerId: summary.customer.id,
      customerName: summary.customer.name,
      text: summary.lastMessage?.text ?? '',
      at: summary.lastMessageAt,
    });
  }
  return { items: recent, state: 'there' };
}
