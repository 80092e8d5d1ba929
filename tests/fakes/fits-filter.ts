import type { CoreInput } from '../../shared/core-api/requests.ts';
import type { ConversationSummary } from '../../shared/core-api/views.ts';

/** Whether a conversation belongs in a list, as the core would say. */
export function fitsFilter(
  one: ConversationSummary,
  filter: CoreInput<'conversation.list'>['filter'],
  ownId: string,
): boolean {
  if (filter.queueId != null && one.queue.id !== filter.queueId) return false;
  if (filter.customerId != null && one.customer.id !== filter.customerId) return false;
  const isOpen = one.state !== 'closed' && one.state !== 'snoozed';
  switch (filter.view) {
    case 'mine':
      return isOpen && one.assignee?.id === ownId;
    case 'unassigned':
      return isOpen && one.assignee === null;
    case 'open':
      return isOpen;
    case 'waiting':
      return one.state === 'waiting';
    case 'snoozed':
      return one.state === 'snoozed';
    case 'closed':
      return one.state === 'closed';
    case 'escalated':
      return isOpen && one.tier > 1;
    case 'attention':
      return false;
  }
}
