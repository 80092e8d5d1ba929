import { afterEach, expect, test } from 'vitest';
import { findCommand } from '../../../shared/domain/registry.ts';
import type { SubjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import type { LoggedEvent } from '../../../shared/relay-protocol/frames.ts';
import { CacheRig, eventOf } from '../../../tests/fakes/cache-rig.ts';
import { removeFolders } from '../../../tests/fakes/console-process.ts';
import { DomainWorld, webChat } from '../../../tests/fakes/domain-world.ts';
import type { PendingCommand } from './pending-command.ts';
import { fc } from '../../../tests/fakes/properties.ts';

afterEach(removeFolders);

const CONVERSATIONS = ['k1', 'k2', 'k3', 'k4'];
const WORDS = ['đơn hàng', 'giao muộn', 'trả lại', 'cảm ơn', 'hoá đơn'];

/** What an agent may do, as requests put it; the conversations are chosen by the run. */
const action = fc.oneof(
  fc.record({ do: fc.constant('send'), at: fc.nat(3), word: fc.nat(4) }),
  fc.record({ do: fc.constant('note'), at: fc.nat(3), word: fc.nat(4) }),
  fc.record({
    do: fc.constantFrom('assign', 'unassign', 'close', 'reopen', 'wait', 'snooze', 'move', 'escalate', 'tag'),
    at: fc.nat(3),
    word: fc.nat(4),
  }),
  fc.record({ do: fc.constantFrom('closeAll', 'assignAll', 'rename'), at: fc.nat(3), word: fc.nat(4) }),
);
/** What happens meanwhile: a customer writes, a colleague acts, the relay confirms the oldest pending command, settles it. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('agent' as const), action }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'customer' as const,
        'colleague' as const,
        'confirm' as const,
        'settle' as const,
        'undo' as const,
      ),
      at: fc.nat(3),
    }),
  },
);

function commandOf(one: { do: string; at: number; word: number }, number: number): { type: string; args: unknown } {
  const conversationId = CONVERSATIONS[one.at]!;
  const conversationIds = [conversationId];
  const two = [conversationId, CONVERSATIONS[(one.at + 1) % 4]!];
  const text = `${WORDS[one.word]} ${number}`;
  switch (one.do) {
    case 'send':
      return { type: 'message.send', args: { conversationId, messageId: `m-${number}`, text, writtenAt: number } };
    case 'note':
      return {
        type: 'note.add',
        args: { conversationId, messageId: `m-${number}`, text, writtenAt: number, mentions: ['minh'] },
      };
    case 'assign':
      return { type: 'conversation.assign', args: { conversationIds, assigneeId: one.word % 2 ? 'lan' : 'minh' } };
    case 'unassign':
      return { type: 'conversation.assign', args: { conversationIds, assigneeId: null } };
    case 'snooze':
      return { type: 'conversation.snooze', args: { conversationIds, until: null } };
    case 'move':
      return { type: 'conversation.move', args: { conversationIds, queueId: one.word % 2 ? 'sales' : 'returns' } };
    case 'escalate':
      return { type: 'conversation.escalate', args: { conversationId, escalationId: `e-${number}`, reason: text } };
    case 'tag':
      return { type: 'conversation.tag', args: { conversationId, add: [text], remove: [] } };
    case 'closeAll':
      return { type: 'conversation.close', args: { conversationIds: two } };
    case 'assignAll':
      return { type: 'conversation.assign', args: { conversationIds: two, assigneeId: 'lan' } };
    case 'rename':
      return { type: 'customer.update', args: { customerId: `c-${conversationId}`, profile: { name: text } } };
    default:
      return { type: `conversation.${one.do}`, args: { conversationIds } };
  }
}

class Run {
  readonly world = DomainWorld.withDesk();
  readonly rig = new CacheRig().open();
  readonly events: LoggedEvent[] = [];
  pending: PendingCommand[] = [];
  confirmed: string[] = [];
  #number = 0;

  constructor() {
    for (const id of CONVERSATIONS) this.customerWrites(id);
    this.catchUp();
  }

  customerWrites(conversationId: string): void {
    this.#number += 1;
    this.world.now += 1000;
    this.world.must(
      'message.receive',
      {
        channelId: 'web',
        customer: {
          id: `c-${conversationId}`,
          identity: { channelId: 'web', externalId: conversationId, isVerified: false },
          profile: { name: `Chị ${conversationId}` },
        },
        conversationId,
        newConversationId: conversationId,
        messageId: `in-${this.#number}`,
        text: `${WORDS[this.#number % 5]} xin hỏi ${this.#number}`,
        writtenAt: 0,
      },
      { by: webChat },
    );
  }

  colleagueWrites(conversationId: string): void {
    this.#number += 1;
    this.world.now += 1000;
    const args = { conversationId, messageId: `out-${this.#number}`, text: `em đây ${this.#number}`, writtenAt: 0 };
    this.world.run('message.send', args, { by: 'minh', base: { foreignPublicSeq: 0 } });
  }

  /** Brings what the world's log has beyond the cache into it. */
  catchUp(): void {
    const fresh = this.world.log.slice(this.events.length).map((changes) => eventOf(changes));
    this.events.push(...fresh);
    this.rig.apply({ events: fresh });
  }

  agentDoes(one: { do: string; at: number; word: number }): void {
    this.#number += 1;
    this.world.now += 1000;
    const { type, args } = commandOf(one, this.#number);
    const id = `command-of-lan-${this.#number}`;
    try {
      const prepared = this.rig.reader.prepare(type, args, id, this.world.now);
      const { subjects, base } = prepared;
      const command = {
        id,
        n: this.#number,
        type,
        v: 1,
        subjects,
        args: prepared.args,
        base,
        after: null,
        clientAt: 0,
      };
      const pending: PendingCommand = { command, at: this.world.now };
      this.rig.reader.addPending(pending);
      this.pending.push(pending);
    } catch {
      // Refused at once; nothing was given.
    }
  }

  /** The relay executes the oldest pending command, or refuses it. */
  confirm(): void {
    const [oldest] = this.pending;
    if (oldest === undefined) return;
    this.pending.shift();
    this.world.now += 1000;
    const { id, type, args, base } = oldest.command;
    const decision = findCommand(type)!.decide(
      {
        actor: { kind: 'agent', access: { agentId: 'lan', role: 'agent', tier: 1, queueIds: ['sales', 'returns'] } },
        commandId: id,
        now: this.world.now,
        isDelayed: false,
        read: (subject: SubjectRef) => this.world.reader(subject),
      } as never,
      args,
      base,
    );
    if (!decision.ok) {
      this.rig.reader.removePending([id]);
      return;
    }
    this.world.append(decision.changes, {
      kind: 'agent',
      access: { agentId: 'lan', role: 'agent', tier: 1, queueIds: [] },
    });
    const changes = this.world.log.at(-1)!;
    this.catchUpBut(eventOf(changes, id));
    this.confirmed.push(id);
  }

  catchUpBut(last: LoggedEvent): void {
    const fresh = this.world.log.slice(this.events.length, -1).map((changes) => eventOf(changes));
    this.events.push(...fresh, last);
    this.rig.apply({ events: [...fresh, last] });
  }

  /** What the agent would see if the pending commands were really applied. */
  reference(): CacheRig {
    const other = new CacheRig().open();
    other.apply({ events: this.events });
    let seq = this.world.seq;
    for (const { command, at } of this.pending) {
      const { id, type, args, base } = command;
      seq += 1;
      // A console of its own with nothing pending decides on confirmed rows alone.
      const decision = other.decide({ type, args, base, id, now: at });
      if (!decision.ok) continue;
      const event: LoggedEvent = {
        seq,
        at,
        actor: 'agent:lan',
        commandId: id,
        changes: decision.changes.map((change, index) => ({ index, ...change })),
      };
      other.apply({ to: seq, events: [event] });
    }
    return other;
  }
}

/** Everything the agent can look at, without what tells a pending thing from a confirmed one. */
function everythingSeen(rig: CacheRig): unknown {
  const views = ['mine', 'unassigned', 'open', 'waiting', 'snoozed', 'closed', 'escalated'] as const;
  const seen = {
    lists: views.flatMap((view) =>
      (['newest', 'waiting-longest'] as const).map((sort) =>
        rig.query('conversation.list', {
          filter: { view, queueId: null, customerId: null },
          sort,
          offset: 0,
          limit: 50,
        }),
      ),
    ),
    pages: [0, 1, 2].map((offset) =>
      rig.query('conversation.list', {
        filter: { view: 'open', queueId: 'sales', customerId: null },
        sort: 'newest',
        offset,
        limit: 1,
      }),
    ),
    counts: rig.query('conversation.counts', {} as never),
    queues: rig.query('queue.list', {} as never),
    customers: CONVERSATIONS.map((id) => rig.query('customer.get', { customerId: `c-${id}` })),
    conversations: CONVERSATIONS.map((conversationId) => rig.query('conversation.get', { conversationId })),
    messages: CONVERSATIONS.map((conversationId) =>
      rig.query('message.list', { conversationId, before: null, after: null, limit: 100 }),
    ),
    found: [...WORDS, 'xin hoi', 'em', 'chi'].map((text) => rig.query('search.run', { text, limit: 50 })),
  };
  return JSON.parse(JSON.stringify(seen), (key, value: unknown) => {
    if (key === 'position' || key === 'isPending' || key === 'commandId' || key === 'pendingCount') return undefined;
    if (key === 'id' && typeof value === 'string' && value.startsWith('line-')) return 'line';
    if (key === 'state' && value === 'waiting') return 'queued';
    return value;
  });
}

test('SYNC-R1 SYNC-R5 whatever is pending, every query sees what it would see if it were applied', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
      const run = new Run();
      try {
        for (const one of steps) {
          if (one.kind === 'agent') run.agentDoes(one.action);
          else if (one.kind === 'customer') run.customerWrites(CONVERSATIONS[one.at]!);
          else if (one.kind === 'colleague') run.colleagueWrites(CONVERSATIONS[one.at]!);
          else if (one.kind === 'confirm') run.confirm();
          else if (one.kind === 'settle') run.rig.reader.removePending(run.confirmed.splice(0));
          else {
            const undone = run.pending.splice(one.at, 1);
            run.rig.reader.removePending(undone.map(({ command }) => command.id));
          }
          if (one.kind === 'customer' || one.kind === 'colleague') run.catchUp();
        }
        const reference = run.reference();
        expect(everythingSeen(run.rig)).toEqual(everythingSeen(reference));
        reference.close();
      } finally {
        run.rig.close();
        removeFolders();
      }
    }),
    { numRuns: 60 },
  );
});
