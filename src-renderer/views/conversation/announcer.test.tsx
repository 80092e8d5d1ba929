import { cleanup, render } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import type { MessageView } from '../../../shared/core-api/views.ts';
import { emptyMessage } from '../../../tests/fakes/fake-messages.ts';
import { Announcer } from './announcer.tsx';

afterEach(cleanup);

const author = { kind: 'customer' as const, id: 'mai', name: 'Mai' };
const said = (id: string, position: number, fields: Partial<MessageView> = {}): MessageView => ({
  ...emptyMessage('conversation-0', id, position, 0),
  ...{ author, text: 'Alo', ...fields },
});

test('what the customer writes is read out, also behind a reply that waits to be sent, a file, and the same once more', () => {
  const waiting = said('w', 9e15, { author: { kind: 'agent', id: 'lan', name: 'Lan' }, isPending: true });
  const view = (messages: MessageView[]) => <Announcer messages={messages} />;
  const { container, rerender } = render(view([said('a', 1), waiting]));
  const spoken = () => container.querySelector('[aria-live] span');
  expect(spoken()).toBeNull();
  rerender(view([said('a', 1), said('b', 2), waiting]));
  const first = spoken();
  expect(first?.textContent).toBe('Mai: Alo');
  rerender(view([said('a', 1), said('b', 2), said('c', 3), waiting]));
  expect(spoken()?.textContent).toBe('Mai: Alo');
  expect(spoken()).not.toBe(first);
  const file = { fileId: 'f', name: 'hoá-đơn.pdf', size: 1, mediaType: 'application/pdf' };
  rerender(view([said('a', 1), said('d', 4, { text: '', attachments: [file] }), waiting]));
  expect(spoken()?.textContent).toBe('Mai: hoá-đơn.pdf');
});
