import type { Conversation } from '../../../shared/domain/conversation/conversation.ts';
import { conversationRef } from '../../../shared/domain/conversation/decide.ts';
import type { Message } from '../../../shared/domain/conversation/message.ts';
import type { Customer } from '../../../shared/domain/customer/customer.ts';
import { AppError } from '../../../shared/errors.ts';
import type { CoreParsedInput } from '../../../shared/core-api/requests.ts';
import type { CustomerView } from '../../../shared/core-api/views.ts';
import type { CacheView } from '../cache/cache-view.ts';
import { summarize } from './conversation-views.ts';
import { displayNameOf, nameChannel } from './names.ts';

const MAX_CONVERSATIONS = 50;
const MAX_NEWEST = 20;

export function getCustomer(view: CacheView, { customerId }: CoreParsedInput<'customer.get'>): CustomerView {
  const customer = view.root<Customer>('customer', customerId);
  if (customer === null) {
    throw new AppError('not_found', 'There is no such customer, or none that is held here.', {
      reason: 'no-such-customer',
    });
  }
  const conversations = view.find<Conversation>({
    table: 'conversation',
    anyOf: [{ sql: 'customerId = ?', parameters: [customerId] }],
    orderBy: [{ column: 'lastMessageAt', isDescending: true }],
    limit: MAX_CONVERSATIONS,
  });
  const { id, name, givenName, email, phone, language, address, note, segments, orders, createdAt } = customer;
  return {
    id,
    name,
    displayName: displayNameOf(customer, id),
    givenName,
    email,
    phone,
    language,
    address,
    note,
    isVerified: customer.identities.some((identity) => identity.isVerified),
    identities: customer.identities.map(({ channelId, externalId, isVerified }) => ({
      channel: nameOnly(nameChannel(view, channelId)),
      externalId,
      isVerified,
    })),
    segments,
    orders,
    createdAt,
    lastSeenAt: Math.max(customer.lastSeenAt, lastWroteAt(view, conversations[0]?.row)),
    conversations: conversations.map(({ row }) => summarize(view, row)),
  };
}

/**
 * When the customer wrote last, as far as that is among the newest of a conversation; else 0. Their visits alone are not
 * enough: the relay notes when one begins, and who has been here since then may have written a minute ago.
 */
function lastWroteAt(view: CacheView, conversation: Conversation | undefined): number {
  if (conversation === undefined) return 0;
  const newest = view.find<Message>({
    table: 'message',
    anyOf: [view.itemsOf(conversationRef(conversation.id), '')],
    orderBy: [{ column: 'position', isDescending: true }],
    limit: MAX_NEWEST,
  });
  return newest.find(({ row }) => row.author.kind === 'customer')?.row.at ?? 0;
}

function nameOnly({ id, name }: { id: string; name: string }): { id: string; name: string } {
  return { id, name };
}
