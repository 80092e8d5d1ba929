import type { AppliedFrame } from '../cache/given-frame.ts';
import type { Arrival } from './arrival-views.ts';

/** Messages of customers in a frame that are news; of what was missed, the newest of each conversation. */
export function arrivalsIn({ news, isCatchUp }: Pick<AppliedFrame, 'news' | 'isCatchUp'>): Arrival[] {
  const all: Arrival[] = news
    .flatMap(({ changes }) => changes)
    .filter(({ type }) => type === 'message-received')
    .map(({ subject, data }) => ({
      conversationId: subject.slice('conversation:'.length),
      messageId: (data as { messageId: string }).messageId,
    }));
  return isCatchUp ? [...new Map(all.map((arrival) => [arrival.conversationId, arrival])).values()] : all;
}
