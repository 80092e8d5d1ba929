import { expect, test } from 'vitest';
import { AppError } from '../../shared/errors.ts';
import type { ConsoleRig } from '../../tests/fakes/console-rig.tsx';
import type { FakeCore } from '../../tests/fakes/fake-core.ts';
import { ManualClock } from '../../tests/fakes/manual-clock.ts';
import { useRigs } from '../../tests/fakes/use-rigs.tsx';

const { start, settle } = useRigs();

const asked = (fake: FakeCore, name: string) => fake.requests.filter((request) => request.name === name);

const SALES = { id: 'sales', name: 'Sales' };
const TUAN = { id: 'tuan', name: 'Tuấn' };
const ESCALATED = {
  ...{ tier: 2 as const, queue: { id: 'care', name: 'Care' }, assignee: { id: 'lan', name: 'Lan' } },
  escalation: { reason: 'Khách đòi bồi thường', by: TUAN, fromQueue: SALES, fromTier: 1 as const, at: 1, earlier: [] },
};

async function undo({ toasts }: ConsoleRig['console']): Promise<void> {
  toasts.getState().toasts[0]!.undo!();
  await settle();
}

function alreadySent(): never {
  throw new AppError('conflict', 'It was sent already.', { reason: 'already-sent' });
}

test('undo takes a command that was not sent yet out of the outbox', async () => {
  const { fake, console } = await start(new ManualClock());
  await console.actions.close(['conversation-0']);
  expect(fake.conversation('conversation-0').state).toBe('closed');
  await undo(console);
  expect(fake.conversation('conversation-0').state).toBe('open');
  expect(asked(fake, 'conversation.reopen')).toHaveLength(0);
});

test('undo of what was sent already issues the inverse, with what each conversation had before', async () => {
  const { fake, console } = await start(new ManualClock());
  fake.overrides['outbox.undo'] = alreadySent;
  fake.change('conversation-0', {
    assignee: { id: 'tuan', name: 'Trần Anh Tuấn' },
    queue: { id: 'care', name: 'Care' },
  });
  fake.change('conversation-1', { assignee: null, queue: { id: 'sales', name: 'Sales' } });
  await console.actions.move(['conversation-0', 'conversation-1'], { id: 'returns', name: 'Returns' });
  expect(fake.conversation('conversation-1').queue.id).toBe('returns');
  fake.change('conversation-0', { assignee: null });
  await undo(console);
  expect(fake.conversation('conversation-0')).toMatchObject({ queue: { id: 'care' }, assignee: { id: 'tuan' } });
  expect(fake.conversation('conversation-1')).toMatchObject({ queue: { id: 'sales' }, assignee: null });
});

test('undo of what ended an escalation escalates again, for the same reason, to the same agent', async () => {
  const { fake, console } = await start(new ManualClock());
  fake.overrides['outbox.undo'] = alreadySent;
  fake.change('conversation-0', ESCALATED);
  await console.actions.move(['conversation-0'], SALES);
  fake.change('conversation-0', { tier: 1, escalation: null, assignee: null });
  await undo(console);
  // From where it was handed back to, so that it can be again.
  const undone = fake.requests.map(({ name }) => name).filter((name) => /escalate|move/.test(name));
  expect(undone).toEqual(['conversation.move', 'conversation.escalate', 'conversation.move']);
  expect(asked(fake, 'conversation.escalate')).toMatchObject([
    { input: { conversationId: 'conversation-0', tier: 2, queueId: 'care', reason: 'Khách đòi bồi thường' } },
  ]);
  expect(fake.conversation('conversation-0')).toMatchObject({
    tier: 2,
    queue: { id: 'care' },
    assignee: { id: 'lan' },
  });
});

test('undo of what gave escalations back goes by the queue they came from, and one out of sight does not stop the others', async () => {
  const { fake, console } = await start(new ManualClock());
  fake.overrides['outbox.undo'] = alreadySent;
  const ids = ['conversation-0', 'conversation-1'];
  for (const id of ids) fake.change(id, ESCALATED);
  await console.actions.assign(ids, TUAN);
  for (const id of ids) fake.change(id, { tier: 1, escalation: null });
  fake.overrides['conversation.get'] = ({ conversationId }) => {
    if (conversationId === 'conversation-0') throw new AppError('not_found', 'There is no such conversation.');
    return fake.conversation(conversationId);
  };
  await undo(console);
  const [moved, escalated] = ['conversation.move', 'conversation.escalate'].map((name) => asked(fake, name as never));
  expect(moved).toMatchObject([{ input: { conversationIds: ['conversation-1'], queueId: 'sales' } }]);
  expect(escalated).toMatchObject([{ input: { conversationId: 'conversation-1', tier: 2, queueId: 'care' } }]);
  for (const id of ids) expect(fake.conversation(id).assignee).toMatchObject({ id: 'lan' });
  expect(console.toasts.getState().toasts.map(({ tone }) => tone)).toContain('error');
});

const TWICE = {
  ...{ tier: 3 as const, queue: { id: 'returns', name: 'Returns' }, assignee: null },
  escalation: {
    ...{ reason: 'Vượt hạn mức', by: TUAN, fromQueue: { id: 'care', name: 'Care' }, fromTier: 2 as const, at: 2 },
    earlier: [{ reason: 'Khách đòi bồi thường', fromQueue: SALES, fromTier: 1 as const }],
  },
};

test('undo of what ended two escalations makes two of them again, the first one first; of what ended one, one', async () => {
  const { fake, console } = await start(new ManualClock());
  fake.overrides['outbox.undo'] = alreadySent;
  fake.change('conversation-0', TWICE);
  await console.actions.move(['conversation-0'], SALES);
  fake.change('conversation-0', { tier: 1, escalation: null });
  await undo(console);
  expect(asked(fake, 'conversation.escalate').map(({ input }) => input)).toMatchObject([
    { tier: 2, queueId: 'care', reason: 'Khách đòi bồi thường' },
    { tier: 3, queueId: 'returns', reason: 'Vượt hạn mức' },
  ]);
  fake.change('conversation-1', TWICE);
  await console.actions.move(['conversation-1'], TWICE.escalation.fromQueue);
  const [first] = TWICE.escalation.earlier;
  fake.change('conversation-1', { tier: 2, escalation: { ...first!, by: TUAN, at: 1, earlier: [] } });
  console.toasts.getState().toasts.at(-1)!.undo!();
  await settle();
  expect(asked(fake, 'conversation.escalate').map(({ input }) => input)).toMatchObject([
    {},
    {},
    { conversationId: 'conversation-1', tier: 3, queueId: 'returns', reason: 'Vượt hạn mức' },
  ]);
});

test.each([
  ['moved on', { tier: 1, escalation: null, queue: { id: 'returns', name: 'Returns' } }],
  ['escalated to a higher tier', { tier: 3, escalation: { ...ESCALATED.escalation, at: 9 } }],
  ['escalated anew to the same tier', { tier: 2, escalation: { ...ESCALATED.escalation, reason: 'Khách gọi lại' } }],
] as const)(
  'undo of what handed an escalation back leaves it alone, and says so, where it was %s',
  async (_, since) => {
    const { fake, console } = await start(new ManualClock());
    fake.overrides['outbox.undo'] = alreadySent;
    for (const id of ['conversation-0', 'conversation-1']) fake.change(id, ESCALATED);
    await console.actions.move(['conversation-0', 'conversation-1'], SALES);
    fake.change('conversation-0', since as object);
    fake.change('conversation-1', { tier: 1, escalation: null });
    const before = fake.requests.length;
    await undo(console);
    const touched = fake.requests.slice(before).filter(({ name }) => /escalate|move|assign/u.test(name));
    expect(JSON.stringify(touched)).not.toContain('conversation-0');
    // The other one is had back all the same.
    expect(asked(fake, 'conversation.escalate')).toMatchObject([{ input: { conversationId: 'conversation-1' } }]);
    expect(console.toasts.getState().toasts.at(-1)).toMatchObject({
      tone: 'error',
      text: expect.stringContaining('changed meanwhile'),
    });
  },
);

test.each(['conversation-0', 'conversation-1'])(
  'undo leaves alone, and says so, what somebody moved on since, whatever its tier was: %s of two',
  async (changed) => {
    const { fake, console } = await start(new ManualClock());
    fake.overrides['outbox.undo'] = alreadySent;
    const ids = ['conversation-0', 'conversation-1'];
    // Handed to another queue than it was escalated from, it stays escalated.
    fake.change('conversation-0', ESCALATED);
    fake.change('conversation-1', { tier: 1, queue: SALES, assignee: TUAN, escalation: null });
    await console.actions.move(ids, { id: 'returns', name: 'Returns' });
    fake.change(changed, { queue: { id: 'billing', name: 'Billing' }, assignee: null });
    await undo(console);
    const other = ids.find((id) => id !== changed)!;
    expect(fake.conversation(changed)).toMatchObject({ queue: { id: 'billing' }, assignee: null });
    expect(fake.conversation(other).queue.id).toBe(other === 'conversation-0' ? 'care' : 'sales');
    expect(console.toasts.getState().toasts.at(-1)).toMatchObject({
      tone: 'error',
      text: expect.stringContaining('changed meanwhile'),
    });
  },
);

test('undo leaves alone what was escalated since, and what was given to somebody else', async () => {
  const { fake, console } = await start(new ManualClock());
  fake.overrides['outbox.undo'] = alreadySent;
  const ids = ['conversation-0', 'conversation-1', 'conversation-2'];
  for (const id of ids) fake.change(id, { tier: 1, queue: SALES, assignee: null, escalation: null });
  await console.actions.assign(ids, TUAN);
  fake.change('conversation-0', { tier: 2, escalation: ESCALATED.escalation });
  fake.change('conversation-1', { assignee: { id: 'lan', name: 'Lan' } });
  await undo(console);
  expect(ids.map((id) => fake.conversation(id).assignee?.id)).toEqual(['tuan', 'lan', undefined]);
});

test('undo of a snooze puts each conversation back into the state it was in', async () => {
  const { fake, console } = await start(new ManualClock());
  fake.overrides['outbox.undo'] = alreadySent;
  fake.change('conversation-0', { state: 'waiting' });
  fake.change('conversation-1', { state: 'snoozed', snoozedUntil: 123 });
  await console.actions.snooze(['conversation-0', 'conversation-1'], null);
  await undo(console);
  expect(fake.conversation('conversation-0').state).toBe('waiting');
  expect(fake.conversation('conversation-1')).toMatchObject({ state: 'snoozed', snoozedUntil: 123 });
});

test('what is so already is not done again: twenty selected, one of them mine, are nineteen', async () => {
  const { fake, console } = await start(new ManualClock());
  fake.change('conversation-0', { assignee: { id: 'lan', name: 'Nguyễn Thị Lan' } });
  fake.change('conversation-1', { assignee: null });
  await console.actions.assignToMe(['conversation-0', 'conversation-1']);
  expect(asked(fake, 'conversation.assign')).toMatchObject([{ input: { conversationIds: ['conversation-1'] } }]);
  await console.actions.assignToMe(['conversation-0']);
  expect(asked(fake, 'conversation.assign')).toHaveLength(1);
  expect(console.toasts.getState().toasts.at(-1)).toMatchObject({ text: 'Nothing to change' });
});

test('a refused action says why and rejects nothing', async () => {
  const { fake, console } = await start(new ManualClock());
  fake.overrides['conversation.assign'] = () => {
    throw new AppError('forbidden', 'No.', { reason: 'assigned-to-other' });
  };
  await console.actions.assignToMe(['conversation-1']);
  expect(console.toasts.getState().toasts).toMatchObject([
    { tone: 'error', text: expect.stringContaining('shift lead') },
  ]);
});
