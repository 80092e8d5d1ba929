import { act, screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { useApps } from '../../../tests/fakes/open-app.tsx';
import { makeFakeWorkspace } from '../../../tests/fakes/fake-workspace.ts';
import { ManualClock } from '../../../tests/fakes/manual-clock.ts';

const { openApp } = useApps();
const MINUTE_MS = 60_000;

test('a screen reader says of a row what its signs show: for how long somebody waits, tier, priority, snooze, files', async () => {
  const clock = new ManualClock();
  const workspace = makeFakeWorkspace(clock.now(), 1);
  const one = workspace.conversations[0]!;
  Object.assign(one, { assignee: { id: 'lan', name: 'Lan' }, tags: [], isUnread: false, hasDraft: false });
  Object.assign(one, { pendingCount: 0, tier: 2, priority: 'urgent', waitingSince: clock.now() - 7 * MINUTE_MS });
  one.lastMessage = { author: 'customer', text: '', hasAttachments: true };
  const { fake, console } = await openApp({ workspace }, clock);
  const label = () => screen.getByRole('option').getAttribute('aria-label');
  await waitFor(() => expect(label()).toContain(', Urgent, Tier 2, Customer waiting 7 minutes, Attachment, '));
  fake.change(one.id, {
    ...{ tier: 1, priority: 'normal', waitingSince: null },
    lastMessage: { author: 'agent', text: 'Dạ', hasAttachments: false },
  });
  await waitFor(() => expect(label()).toMatch(/^[^,]+, Answered, Dạ, /u));
  fake.change(one.id, { state: 'snoozed', snoozedUntil: null });
  act(() => console.navigation.getState().showList('snoozed'));
  await waitFor(() => expect(label()).toMatch(/^[^,]+, Snoozed until they write, Answered, /u));
  expect(screen.getByTitle('Snoozed until they write').textContent).toContain('until they write');
});

test('ROW-C1 a row with a draft shows how that begins, unless the customer wrote what is not read, or it is open', async () => {
  const clock = new ManualClock();
  const workspace = makeFakeWorkspace(clock.now(), 1);
  const one = workspace.conversations[0]!;
  Object.assign(one, { isUnread: false, hasDraft: true, draftStart: 'Dạ chị Hoa' });
  one.lastMessage = { author: 'customer', text: 'Shop ơi', hasAttachments: false };
  const { fake, console, user } = await openApp({ workspace }, clock);
  // What is open beside the list has options too, once it is there.
  const row = () => screen.getByRole('option', { name: (name) => name.startsWith(`${one.customer.name},`) });
  const change = (fields: Partial<typeof one>) => {
    fake.change(one.id, fields);
    act(() => clock.advance(1000));
  };
  expect(row().textContent).toMatch(/Draft\s*Dạ chị Hoa/u);
  expect(row().textContent).not.toContain('Shop ơi');
  // What a screen reader says has both: the customer's words where they always are, and the draft.
  expect(row().getAttribute('aria-label')).toMatch(/, Shop ơi, .*, Draft: Dạ chị Hoa/u);
  change({ isUnread: true });
  await waitFor(() => expect(row().textContent).toMatch(/(?<!Draft\s*)Shop ơi/u));
  change({ isUnread: false });
  await waitFor(() => expect(row().textContent).toMatch(/Draft\s*Dạ chị Hoa/u));
  await user.click(row());
  await waitFor(() => expect(console.tabs.getState().activeId).toBe(one.id));
  await waitFor(() => expect(row().textContent).toContain('Shop ơi'));
  // Only a file.
  act(() => console.tabs.getState().close(one.id));
  change({ draftStart: '' });
  await waitFor(() => expect(row().textContent).toMatch(/(?<!Draft\s*)Shop ơi/u));
});
