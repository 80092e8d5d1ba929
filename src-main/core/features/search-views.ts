import type { Message } from '../../../shared/domain/conversation/message.ts';
import type { Customer } from '../../../shared/domain/customer/customer.ts';
import type { CoreParsedInput } from '../../../shared/core-api/requests.ts';
import type { SearchHit } from '../../../shared/core-api/views.ts';
import type { CacheView } from '../cache/cache-view.ts';
import { type SearchTerm, parseSearchText } from '../search/search-query.ts';
import { type Snippet, findMatches, makeSnippet } from '../search/snippet.ts';
import { displayNameOf, nameCustomer } from './names.ts';

/** Customers found stand before messages, but never push them out. */
const MAX_CUSTOMERS = 10;

/** Customers by name, phone or mail address, then messages, both newest first. */
export function runSearch(view: CacheView, { text, limit }: CoreParsedInput<'search.run'>): SearchHit[] {
  const query = parseSearchText(text);
  if (query === null) return [];
  const customers = view.search<Customer>('customer', query.match, Math.min(MAX_CUSTOMERS, limit));
  const messages = view.search<Message>('message', query.match, limit);
  return [
    ...customers.map(({ row }) => describeCustomer(row, query.terms)),
    ...messages.map(({ row }) => describeMessageHit(view, row, query.terms)),
  ].slice(0, limit);
}

function describeCustomer(customer: Customer, terms: readonly SearchTerm[]): SearchHit {
  const fields = [customer.name, customer.phone, customer.email].filter((field) => field !== null);
  const found = fields.find((field) => findMatches(field, terms).length > 0) ?? fields[0] ?? '';
  return {
    kind: 'customer',
    conversationId: null,
    messageId: null,
    position: null,
    customerId: customer.id,
    customerName: displayNameOf(customer, customer.id),
    at: customer.lastSeenAt,
    snippet: makeSnippet(found, terms),
  };
}

function describeMessageHit(view: CacheView, message: Message, terms: readonly SearchTerm[]): SearchHit {
  const customerId = view.column('conversation', message.subjectId, 'customerId');
  return {
    kind: 'message',
    conversationId: message.subjectId,
    messageId: message.id,
    position: message.position,
    customerId,
    customerName: customerId === null ? '' : nameCustomer(view, customerId).name,
    at: message.at,
    snippet: snippetOf(message, terms),
  };
}

/** Of the text, or of the file names where only those match. */
function snippetOf(message: Message, terms: readonly SearchTerm[]): Snippet {
  const inText = makeSnippet(message.text, terms);
  if (inText.matches.length > 0 || message.attachments.length === 0) return inText;
  return makeSnippet(message.attachments.map(({ name }) => name).join(', '), terms);
}
