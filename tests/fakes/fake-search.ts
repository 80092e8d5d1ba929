import type { SearchHit } from '../../shared/core-api/views.ts';
import { foldText } from '../../shared/primitives/fold-text.ts';
import type { FakeWorkspace } from './fake-workspace.ts';

/** Newest first, by plain inclusion of the folded text. Right only for texts that fold letter by letter. */
export function findInWorkspace(workspace: FakeWorkspace, text: string, limit: number): SearchHit[] {
  const wanted = foldText(text.trim());
  const hits: SearchHit[] = workspace.customers
    .filter((customer) => wanted !== '' && foldText(customer.displayName).includes(wanted))
    .map((customer) => ({
      kind: 'customer',
      conversationId: null,
      messageId: null,
      position: null,
      customerId: customer.id,
      customerName: customer.displayName,
      at: customer.lastSeenAt,
      snippet: { text: customer.displayName, matches: [] },
    }));
  for (const conversation of workspace.conversations) {
    for (const message of workspace.messages.get(conversation.id) ?? []) {
      const at = foldText(message.text).indexOf(wanted);
      if (at === -1 || wanted === '') continue;
      const start = Math.max(0, at - 30);
      hits.push({
        kind: 'message',
        conversationId: conversation.id,
        messageId: message.id,
        position: message.position,
        customerId: conversation.customer.id,
        customerName: conversation.customer.name,
        at: message.at,
        snippet: {
          text: message.text.slice(start, at + 120),
          matches: [[at - start, at - start + wanted.length]],
        },
      });
    }
  }
  return hits.toSorted((one, other) => other.at - one.at).slice(0, limit);
}
