import { expect, test } from 'vitest';
import type { Agent } from '../../shared/domain/agent/agent.ts';
import type { Conversation } from '../../shared/domain/conversation/conversation.ts';
import type { Message } from '../../shared/domain/conversation/message.ts';
import type { LoggedEvent } from '../../shared/relay-protocol/frames.ts';
import type { FeedEntry } from '../../shared/widget-api/feed.ts';
import { checkHistory } from './history-checker.ts';
import type { ConsoleEvidence, Evidence, IssuedCommand } from './history.ts';

type Deep<Part> = Part extends (infer Item)[] ? Item[] : { -readonly [Name in keyof Part]: Part[Name] };
/** Evidence that a test may doctor. */
type Doctored = { [Name in keyof Evidence]: Deep<Evidence[Name]> } & {
  relay: { events: LoggedEvent[]; results: Map<string, unknown>; conversations: Conversation[]; messages: Message[] };
  consoles: ConsoleEvidence[];
  issued: IssuedCommand[];
  discarded: Set<string>;
  destroyed: Map<string, string>;
  rewoundCustomers: Set<number>;
};

const CUSTOMER_TEXT = '⟦100-1⟧ alo';
const REPLY_TEXT = '⟦0-2⟧ dạ';
const NOTE_TEXT = '⟦0-3⟧ ghi chú';

/** One customer, one line, one reply and one note by console 0; console 1 looks on, and may not see `c2`. */
function soundEvidence(): Doctored {
  const conversation = (id: string, queueId: string): Conversation =>
    ({
      id,
      queueId,
      state: 'open',
      assigneeId: null,
      participantIds: [],
      tier: 1,
      priority: 'normal',
      tags: [],
    }) as unknown as Conversation;
  const message = (id: string, text: string, position: number, kind: string, subjectId = 'c1'): Message =>
    ({
      id,
      subjectId,
      text,
      position,
      kind,
      delivery: id === 'm2' ? { state: 'delivered' } : null,
    }) as unknown as Message;
  const event = (seq: number, commandId: string, type: string, messageId: string): LoggedEvent =>
    ({ seq, commandId, at: seq, actor: 'x', changes: [{ type, data: { messageId } }] }) as unknown as LoggedEvent;
  const command = (commandId: string, messageId: string, type: string, text: string): IssuedCommand => ({
    ...{ console: 0, commandId, messageId, type, conversationIds: ['c1'], marks: [text.slice(0, text.indexOf(' '))] },
    ...{ outcome: 'taken', error: null },
  });
  const entry = (messageId: string): FeedEntry => ({ messageId, part: 0 }) as unknown as FeedEntry;
  const line = (id: string, text: string) => ({ id, text, kind: 'public', author: 'x', state: null, isPending: false });
  const console = (agentId: string): ConsoleEvidence => ({
    agentId,
    status: { state: 'online', cursor: 4, pendingCount: 0 },
    shown: [
      {
        ...{ id: 'c1', state: 'open', assigneeId: null, queueId: 'a', priority: 'normal', tags: [] },
        lines: [line('m1', CUSTOMER_TEXT), line('m2', REPLY_TEXT), line('m3', NOTE_TEXT)],
      },
    ],
    attention: [],
    outbox: { open: [], attention: [], drafts: [], commandIds: [] },
    cache: { conversationIds: ['c1'], content: `${CUSTOMER_TEXT} ${REPLY_TEXT} ${NOTE_TEXT}` },
  });
  const ok = (id: string, seq: number) => [id, { id, ok: true, seq }] as const;
  const page = (name: 'fresh' | 'kept-open') => ({ customer: 0, page: name, entries: [entry('m1'), entry('m2')] });
  return {
    issued: [command('k2', 'm2', 'message.send', REPLY_TEXT), command('k3', 'm3', 'note.add', NOTE_TEXT)],
    customerLines: [{ customer: 0, mark: '⟦100-1⟧', messageId: 'm1', conversationId: 'c1' }],
    cursors: [
      { console: 0, what: 'cursor', cursor: 2 },
      { console: 0, what: 'cursor', cursor: 4 },
    ],
    feeds: [page('kept-open'), page('fresh')],
    discarded: new Set(),
    destroyed: new Map(),
    rewoundCustomers: new Set(),
    incidents: [],
    relay: {
      ...{ epoch: 'e', head: 4, floor: 0 },
      events: [
        event(1, 'k1', 'message-received', 'm1'),
        event(2, 'k2', 'message-sent', 'm2'),
        event(3, 'k3', 'note-added', 'm3'),
        event(4, 'k4', 'message-received', 'm4'),
      ],
      results: new Map([ok('k1', 1), ok('k2', 2), ok('k3', 3), ok('k4', 4)]),
      conversations: [conversation('c1', 'a'), conversation('c2', 'b')],
      messages: [
        message('m1', CUSTOMER_TEXT, 1, 'public'),
        message('m2', REPLY_TEXT, 2, 'public'),
        message('m3', NOTE_TEXT, 3, 'note'),
        message('m4', '⟦107-9⟧ kín', 4, 'public', 'c2'),
      ],
      agents: ['lan', 'minh'].map((id) => ({ id, role: 'agent', queueIds: ['a'], isActive: true }) as unknown as Agent),
    },
    consoles: [console('lan'), console('minh')],
  } as Doctored;
}

test('a sound history is accepted', () => {
  expect(checkHistory(soundEvidence())).toEqual([]);
});

const doctored: [name: string, doctor: (evidence: Doctored) => void, invariant: string, says: RegExp][] = [
  ['a process that ended by itself', (e) => e.incidents.push('console 1 ended by itself'), 'run', /ended by itself/],
  [
    'a command executed twice',
    (e) => {
      e.relay.events.push({ ...e.relay.events[2]!, seq: 5, changes: [] });
      e.relay.head = 5;
      for (const console of e.consoles) console.status.cursor = 5;
    },
    'INV-3',
    /k3 made 2 events/,
  ],
  [
    'a message in the log under two commands',
    (e) => {
      e.relay.events[3] = { ...e.relay.events[1]!, seq: 4, commandId: 'k4' };
    },
    'INV-3',
    /m2 is in the log more than once/,
  ],
  [
    'a taken command without a result',
    (e) => {
      e.relay.results.delete('k3');
      e.relay.events[2] = { ...e.relay.events[2]!, commandId: 'other' };
    },
    'INV-3',
    /k3 of console 0 was taken and has no result/,
  ],
  ['an event without a result', (e) => e.relay.results.delete('k3'), 'INV-3', /in the log without a result/],
  [
    'a success without an event',
    (e) => {
      e.relay.events[2] = { ...e.relay.events[2]!, commandId: 'other' };
    },
    'INV-3',
    /succeeded without an event/,
  ],
  [
    'a refusal with an event',
    (e) => e.relay.results.set('k2', { id: 'k2', ok: false, error: { kind: 'stale' } }),
    'INV-3',
    /was refused \(stale\) and is in the log/,
  ],
  [
    'a result of another event',
    (e) => e.relay.results.set('k2', { id: 'k2', ok: true, seq: 1 }),
    'INV-3',
    /result seq 1/,
  ],
  [
    'a refusal on the spot that was executed',
    (e) => {
      e.issued[0]!.outcome = 'refused';
    },
    'INV-3',
    /refused on the spot/,
  ],
  ['an order other than that of the agent', (e) => e.issued.reverse(), 'INV-4', /k2 \(2\) was given after k3 \(3\)/],
  [
    'an answer shown twice',
    (e) => e.feeds[1]!.entries.push(e.feeds[1]!.entries[1]!),
    'INV-5',
    /m2, part 0 more than once/,
  ],
  ['an answer that never came', (e) => e.feeds[0]!.entries.pop(), 'INV-5', /does not show message m2/],
  [
    'an answer out of nowhere',
    (e) => e.feeds[0]!.entries.push({ messageId: 'm9', part: 0 } as unknown as FeedEntry),
    'INV-5',
    /m9, which is not in the log/,
  ],
  [
    'an answer that stays on its way',
    (e) => {
      e.relay.messages[1]!.delivery = { state: 'queued', reason: null };
    },
    'INV-5',
    /m2 of conversation c1 is queued/,
  ],
  [
    'a hidden conversation in a cache',
    (e) => e.consoles[1]!.cache.conversationIds.push('c2'),
    'INV-6',
    /holds conversation c2/,
  ],
  [
    'a hidden text in freed pages',
    (e) => {
      e.consoles[1]!.cache.content += 'xx⟦107-9⟧ kínxx';
    },
    'INV-6',
    /⟦107-9⟧ of the hidden conversation c2/,
  ],
  ['a gap in the log', (e) => e.relay.events.splice(1, 1), 'INV-7', /has 3 where 2 should be/],
  [
    'a log shorter than its head',
    (e) => {
      e.relay.head = 5;
    },
    'INV-7',
    /ends at 4 and says 5/,
  ],
  [
    'a cursor that goes back',
    (e) => e.cursors.push({ console: 0, what: 'cursor', cursor: 3 }),
    'INV-7',
    /back from 4 to 3/,
  ],
  ['a lost reply', (e) => e.relay.messages.splice(1, 1), 'INV-10', /⟦0-2⟧ .* is lost/],
  ['a lost line of a customer', (e) => e.relay.messages.splice(0, 1), 'INV-10', /⟦100-1⟧ of customer 0/],
  ['a conversation that is not shown', (e) => e.consoles[1]!.shown.pop(), 'INV-1', /does not show conversation c1/],
  [
    'a line that is not shown',
    (e) => e.consoles[1]!.shown[0]!.lines.splice(1, 1),
    'INV-1',
    /2 lines shown, 3 in the log/,
  ],
  ['lines in another order', (e) => e.consoles[0]!.shown[0]!.lines.reverse(), 'INV-1', /first difference at 0/],
  [
    'another state',
    (e) => {
      e.consoles[0]!.shown[0]!.state = 'closed';
    },
    'INV-1',
    /shows closed/,
  ],
  [
    'a conversation that is not for its agent',
    (e) => e.consoles[0]!.shown.push({ ...e.consoles[0]!.shown[0]!, id: 'c2', lines: [] }),
    'INV-1',
    /not for its agent to see/,
  ],
  [
    'a line that stays pending',
    (e) => {
      e.consoles[0]!.shown[0]!.lines[1]!.isPending = true;
    },
    'INV-11',
    /m2 is still pending/,
  ],
  [
    'a console that is not online',
    (e) => {
      e.consoles[0]!.status.state = 'offline';
    },
    'INV-13',
    /is offline in the end/,
  ],
  [
    'a console behind',
    (e) => {
      e.consoles[0]!.status.cursor = 3;
    },
    'INV-13',
    /ended at 3 of 4/,
  ],
  [
    'a command that waits for ever',
    (e) => {
      e.consoles[0]!.status.pendingCount = 1;
    },
    'INV-13',
    /1 commands waiting/,
  ],
];

for (const [name, doctor, invariant, says] of doctored) {
  test(`${invariant} ${name} is found`, () => {
    const evidence = soundEvidence();
    doctor(evidence);
    const found = checkHistory(evidence);
    expect(found.map((one) => `${one.invariant} ${one.what}`).join('\n')).toMatch(says);
    expect(found.map((one) => one.invariant)).toContain(invariant);
  });
}

/** A reply that the relay does not have, and that is somewhere else. */
function withoutReply(): Doctored {
  const evidence = soundEvidence();
  evidence.relay.messages.splice(1, 1);
  evidence.relay.events[1] = { ...evidence.relay.events[1]!, commandId: 'other', changes: [] };
  evidence.relay.results.delete('k2');
  for (const console of evidence.consoles) console.shown[0]!.lines.splice(1, 1);
  for (const feed of evidence.feeds) feed.entries.pop();
  return evidence;
}

test('what the attention list has, its agent threw away or a fault destroyed is not lost; what is nowhere is', () => {
  expect(checkHistory(withoutReply()).map(({ invariant }) => invariant)).toEqual(['INV-3', 'INV-10']);

  const inAttention = withoutReply();
  inAttention.consoles[0]!.outbox.attention.push(JSON.stringify({ text: REPLY_TEXT }));
  inAttention.consoles[0]!.outbox.commandIds.push('k2');
  expect(checkHistory(inAttention)).toEqual([]);
  // Another console's list is no place for it.
  const elsewhere = withoutReply();
  elsewhere.consoles[1]!.outbox = inAttention.consoles[0]!.outbox;
  expect(checkHistory(elsewhere).map(({ invariant }) => invariant)).toEqual(['INV-3', 'INV-10']);

  const thrownAway = withoutReply();
  for (const token of ['k2', '⟦0-2⟧']) thrownAway.discarded.add(token);
  expect(checkHistory(thrownAway)).toEqual([]);
  const burnt = withoutReply();
  for (const token of ['k2', '⟦0-2⟧']) burnt.destroyed.set(token, 'a fault');
  expect(checkHistory(burnt)).toEqual([]);
});

test('a refused line may stay where it was written; a page open over a restore may have seen what is forgotten', () => {
  const refused = soundEvidence();
  const line = { ...refused.consoles[0]!.shown[0]!.lines[0]!, id: 'm7', state: 'refused', isPending: true };
  refused.consoles[0]!.shown[0]!.lines.push(line);
  expect(checkHistory(refused)).toEqual([]);

  const rewound = soundEvidence();
  rewound.feeds[0]!.entries.push({ messageId: 'm9', part: 0 } as unknown as FeedEntry);
  rewound.rewoundCustomers.add(0);
  expect(checkHistory(rewound)).toEqual([]);
  rewound.feeds[1]!.entries.push({ messageId: 'm9', part: 0 } as unknown as FeedEntry);
  expect(checkHistory(rewound).map(({ invariant }) => invariant)).toEqual(['INV-5']);
});
