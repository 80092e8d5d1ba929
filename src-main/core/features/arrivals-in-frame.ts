import type { Frame } from '../../../shared/relay-protocol/frames.ts';
import type { Arrival } from './arrival-views.ts';

/** A message older than this when it gets here is not news. */
const NEWS_MS = 2 * 60_000;

/**
 * Messages of customers in a frame that are news; of what was missed, the newest of each conversation.
 * @param now epoch ms by the relay
 */
export function arrivalsIn(frame: Frame, now: number): Arrival[] {
  const all: Arrival[] = frame.events
    .filter(({ at }) => at > now - NEWS_MS)
    .flatMap(({ changes }) => changes)
    .filter(({ type }) => type === 'message-received')
    .map(({ subject, data }) => ({
      conversationId: subject.slice('conversation:'.length),
      messageId: (data as { messageId: string }).messageId,
    }));
  return frame.isCatchUp ? [...new Map(all.map((arrival) => [arrival.conversationId, arrival])).values()] : all;
}
