import type { Agent } from '../../../shared/domain/agent/agent.ts';
import type { Conversation } from '../../../shared/domain/conversation/conversation.ts';
import { conversationRef } from '../../../shared/domain/conversation/decide.ts';
import type { Message } from '../../../shared/domain/conversation/message.ts';
import type { CorePushes } from '../../../shared/core-api/pushes.ts';
import type { CacheView } from '../cache/cache-view.ts';
import { nameCustomer } from './names.ts';

export interface Arrival {
  conversationId: string;
  messageId: string;
}

/** Of new customers' messages, those this agent should hear of: own conversations, and unassigned ones of own queues. */
export function selectArrivals(view: CacheView, { arrivals }: { arrivals: Arrival[] }): CorePushes['arrived'][] {
  const ownQueues = view.root<Agent>('agent', view.agentId)?.queueIds ?? [];
  return arrivals.flatMap(({ conversationId, messageId }) => {
    const conversation = view.root<Conversation>('conversation', conversationId);
    const message = view.item<Message>(conversationRef(conversationId), 'message', messageId);
    if (conversation === null || message === null) return [];
    const isMine = conversation.assigneeId === view.agentId;
    const isForAnyone = conversation.assigneeId === null && ownQueues.includes(conversation.queueId);
    if (!isMine && !isForAnyone) return [];
    const customerName = nameCustomer(view, conversation.customerId).name;
    return [{ conversationId, messageId, customerName, text: message.text, isMine }];
  });
}
