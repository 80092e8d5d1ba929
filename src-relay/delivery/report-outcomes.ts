import type { DeliveryState } from '../../shared/domain/conversation/message.ts';
import type { Delivery } from '../event-log/delivery-store.ts';
import { deriveId } from '../event-log/derived-id.ts';
import type { EventLog, LogSubmission } from '../event-log/event-log.ts';

const CHUNK = 100;
/** From the least to the most. */
const ARRIVED = ['sent', 'delivered', 'read'] as const;

/**
 * Makes facts of what became of messages whose parts are all final, and of the receipts that came since. A crash
 * between fact and mark does no harm: what the log knows already changes nothing.
 * @returns false when some have to be reported later
 */
export async function reportOutcomes(eventLog: EventLog): Promise<boolean> {
  const { deliveries } = eventLog;
  for (;;) {
    const messages = deliveries.listUnreported(CHUNK).map((messageId) => deliveries.listParts(messageId));
    if (messages.length === 0) return true;
    // What several messages of a conversation became is one fact, as a customer reads a page at once.
    const groups = [...Map.groupBy(messages, (parts) => JSON.stringify(outcomeOf(parts))).values()];
    const results = await Promise.all(groups.map((group) => eventLog.submit(reportOf(group))));
    const known = groups.filter((_, index) => {
      const result = results[index]!;
      // A final refusal (the conversation was deleted, say) will be no other the next time.
      return result.ok || !result.error.retryable;
    });
    if (known.length > 0) deliveries.markReported(known.flat(2));
    if (known.length < groups.length) return false;
  }
}

/** What became of a message: of its parts the one that got least far says it. */
function outcomeOf(parts: readonly Delivery[]): {
  conversationId: string;
  state: DeliveryState;
  reason: string | null;
} {
  const { conversationId } = parts[0]!;
  const states = parts.map(stateOf);
  // The part that went wrong first is the reason; those after it only followed.
  const lost = states.findIndex((state) => state === 'failed' || state === 'unknown');
  if (lost !== -1) return { conversationId, state: states[lost]!, reason: parts[lost]!.reason?.slice(0, 200) ?? null };
  const least = ARRIVED.find((state) => states.includes(state));
  return { conversationId, state: least ?? 'sent', reason: null };
}

/** A receipt is word of the part itself, whatever the attempt seemed to come to. */
function stateOf({ state, receipt }: Delivery): DeliveryState {
  return receipt ?? (state === 'attempting' ? 'queued' : state);
}

function reportOf(messages: readonly (readonly Delivery[])[]): LogSubmission {
  const messageIds = messages.map((parts) => parts[0]!.messageId);
  const { conversationId, state, reason } = outcomeOf(messages[0]!);
  return {
    command: {
      id: deriveId('delivery', state, reason ?? '', ...messageIds),
      type: 'delivery.update',
      v: 1,
      args: { conversationId, messageIds, state, reason },
    },
    by: { kind: 'system', name: 'delivery' },
    isDelayed: false,
  };
}
