import type { Conversation } from '../../../shared/domain/conversation/conversation.ts';
import type { Customer } from '../../../shared/domain/customer/customer.ts';
import { AppError } from '../../../shared/errors.ts';
import type { CoreParsedInput } from '../../../shared/core-api/requests.ts';
import type { CustomerView } from '../../../shared/core-api/views.ts';
import type { CacheView } from '../cache/cache-view.ts';
import { summarize } from './conversation-views.ts';
import { displayNameOf, nameChannel } from './names.ts';

const MAX_CONVERSATIONS = 50;

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
  const { id, name, givenName, email, phone, language, address, note, segments, orders, createdAt, lastSeenAt } =
    customer;
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
    lastSeenAt,
    conversations: conversations.map(({ row }) => summarize(view, row)),
  };
}

function nameOnly({ id, name }: { id: string; name: string }): { id: string; name: string } {
  return { id, name };
}
