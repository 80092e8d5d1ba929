import { useState } from 'react';
import type { MessageView } from '../../../shared/core-api/views.ts';

/** Reads out what the customer writes while the conversation is open. */
export function Announcer({ messages }: { messages: readonly MessageView[] }) {
  const last = messages.findLast(({ author }) => author.kind === 'customer');
  // Of the customer's own: an agent's that is not sent yet stands after whatever comes.
  const [first] = useState(last?.position ?? 0);
  const isNew = last !== undefined && last.position > first;
  return (
    <div className="visually-hidden" aria-live="polite">
      {/* A node for each: what is said twice is read out twice. */}
      {isNew && <span key={last.id}>{`${last.author.name}: ${wordsOf(last)}`}</span>}
    </div>
  );
}

function wordsOf({ text, attachments }: MessageView): string {
  return text === '' ? attachments.map(({ name }) => name).join(', ') : text.slice(0, 300);
}
