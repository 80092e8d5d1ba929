import type { ViewQuery } from '../cache/sqlite-reader-store.ts';
import { selectArrivals } from './arrival-views.ts';
import { listAttention } from './attention-views.ts';
import { listCannedReplies, renderCannedReplyFor } from './canned-reply-views.ts';
import { countConversations, getConversation, listConversations, listNotHeld } from './conversation-views.ts';
import { getCustomer } from './customer-views.ts';
import { listMessages, newestPosition } from './message-views.ts';
import { listOutbox } from './outbox-views.ts';
import { listSharedDrafts } from './draft-views.ts';
import { listErasures } from './erasure-views.ts';
import { runSearch } from './search-views.ts';
import { describeSelf, listAgents, listQueues } from './workspace-views.ts';

/** Everything the reader's thread can be asked, under the name of the request it is for. */
export const viewQueries = {
  'agent.list': listAgents,
  'attention.list': listAttention,
  'cannedReply.list': listCannedReplies,
  'cannedReply.render': renderCannedReplyFor,
  'conversation.counts': countConversations,
  'conversation.get': getConversation,
  'conversation.list': listConversations,
  'customer.get': getCustomer,
  'message.list': listMessages,
  'outbox.list': listOutbox,
  'queue.list': listQueues,
  'search.run': runSearch,
  arrivals: selectArrivals,
  erasures: listErasures,
  file: (view, input: { fileId: string; offset: number; length: number }) =>
    view.readFile(input.fileId, input.offset, input.length),
  newestPosition,
  notHeld: listNotHeld,
  self: describeSelf,
  sharedDrafts: listSharedDrafts,
} satisfies Record<string, ViewQuery>;

export type ViewQueries = typeof viewQueries;
