import type { DeliveryState } from '../../shared/domain/conversation/message.ts';
import type { Delivery } from '../event-log/delivery-store.ts';
import { deriveId } from '../event-log/derived-id.ts';
import type { EventLog, LogSubmission } from '../event-log/event-log.ts';

const CHUNK = 100;

/**
 * Makes facts of what became of messages whose parts are all final. A crash between fact and mark does no harm: the
 * same fact has the same command id.
 * @returns false when some have to be reported later
 */
export async function reportOutcomes(eventLog: EventLog): Promise<boolean> {
  const { deliveries } = eventLog;
  for (;;) {
    const messageIds = deliveries.listUnreported(CHUNK);
    if (messageIds.length === 0) return true;
    const results = await Promise.all(
      messageIds.map((messageId) => eventLog.submit(outcomeOf(messageId, deliveries.listParts(messageId)))),
    );
    const known = messageIds.filter((_, index) => {
      const result = results[index]!;
      // A final refusal (the conversation was deleted, say) will be no other the next time.
      return result.ok || !result.error.retryable;
    });
    if (known.length > 0) deliveries.markReported(known);
    if (known.length < messageIds.length) return false;
  }
}

function outcomeOf(messageId: string, parts: readonly Delivery[]): LogSubmission {
  // The part that went wrong first is the reason; those after it only followed.
  const lost = parts.find((part) => part.state !== 'sent');
  const state: DeliveryState = lost === undefined ? 'sent' : lost.state === 'unknown' ? 'unknown' : 'failed';
  const args = {
    conversationId: parts[0]!.conversationId,
    messageIds: [messageId],
    state,
    reason: lost?.reason?.slice(0, 200) ?? null,
  };
  return {
    command: { id: deriveId('delivery', messageId, state), type: 'delivery.update', v: 1, args },
    by: { kind: 'system', name: 'delivery' },
    isDelayed: false,
  };
}
