import type { FeedEntry } from '../../shared/widget-api/feed.ts';
import type { RecordedConversation, RecordedLine } from './corpus.ts';

/** Recorded pauses longer than this are cut: people went to lunch. */
const LONGEST_PAUSE_MS = 5 * 60_000;

/** The customer's end: the web chat's own client. */
export interface CustomerEnd {
  /** Resolves when the relay has it, whatever it took. */
  send(text: string): Promise<{ messageId: string; conversationId: string }>;
  onMessage(listener: (entry: FeedEntry) => void): () => void;
}

/** The agent's end: one headless console. */
export interface AgentEnd {
  /** Sends once the console has taken it into its outbox; repeated under the same ids when the console is killed. */
  reply(conversationId: string, text: string): Promise<void>;
  /** Resolves when the message is in this console's cache; gives the moment (monotonic ms). */
  waitForMessage(conversationId: string, messageId: string): Promise<number>;
}

export interface PlayedConversation {
  id: string;
  conversationId: string | null;
  customerLines: { text: string; messageId: string; latencyMs: number }[];
  agentLines: string[];
  /** The customer's feed as it came, entry by entry. */
  feed: FeedEntry[];
}

/**
 * Plays one conversation: every line when the line before it has arrived on the other side, and not before its
 * recorded pause, divided by `speed`, is over.
 */
export async function playConversation(
  recorded: RecordedConversation,
  customer: CustomerEnd,
  agent: AgentEnd,
  options: { speed: number; now(): number; pause(ms: number): Promise<void> },
): Promise<PlayedConversation> {
  const played: PlayedConversation = {
    id: recorded.id,
    conversationId: null,
    customerLines: [],
    agentLines: [],
    feed: [],
  };
  const arrivals = new Set<() => void>();
  const stopListening = customer.onMessage((entry) => {
    played.feed.push(entry);
    for (const check of arrivals) check();
  });
  const waitForEntries = (author: 'agent' | 'customer', count: number): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (played.feed.filter((entry) => entry.author === author).length < count) return;
        arrivals.delete(check);
        resolve();
      };
      arrivals.add(check);
      check();
    });

  let previous: RecordedLine | null = null;
  for (const line of recorded.lines) {
    const recordedPause = previous === null ? 0 : Math.min(LONGEST_PAUSE_MS, line.at - previous.at);
    await options.pause(recordedPause / options.speed);
    if (line.from === 'customer') {
      const sentAt = options.now();
      const { messageId, conversationId } = await customer.send(line.text);
      played.conversationId = conversationId;
      const arrivedAt = await agent.waitForMessage(conversationId, messageId);
      played.customerLines.push({ text: line.text, messageId, latencyMs: arrivedAt - sentAt });
    } else {
      await agent.reply(played.conversationId!, line.text);
      played.agentLines.push(line.text);
      await waitForEntries('agent', played.agentLines.length);
    }
    previous = line;
  }
  // The customer's own lines come back by the feed, a little after they were accepted.
  await waitForEntries('customer', played.customerLines.length);
  stopListening();
  return played;
}
