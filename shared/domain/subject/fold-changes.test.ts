import { describe, expect, test } from 'vitest';
import { DomainWorld, system, webChat } from '../../../tests/fakes/domain-world.ts';
import { type SharedDraft, draftRef } from '../draft/draft.ts';
import { subjectKinds } from '../registry.ts';
import { foldChanges } from './fold-changes.ts';
import { type FoldChange, type SubjectReader, type SubjectRef, parseSubjectRef, positionOf } from './subject-kind.ts';
import { fc } from '../../../tests/fakes/properties.ts';

type Step = (world: DomainWorld, index: number) => void;

const conversationId = fc.constantFrom('a', 'b', 'c');
const agentId = fc.constantFrom('lan', 'minh', 'thu', 'linh', 'chu');
const shortText = fc.constantFrom('Dạ', 'đơn hàng', '🙂', 'x'.repeat(80));

/** Any command, by anybody; most go through, some are refused. */
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ conversationId, text: shortText }).map(receiveStep) },
  {
    weight: 3,
    arbitrary: fc.record({ conversationId, by: agentId, text: shortText, isDelayed: fc.boolean() }).map(replyStep),
  },
  fc.record({ conversationId, by: agentId, mentions: fc.subarray(['thu', 'minh']) }).map(
    ({ by, ...args }): Step =>
      (world, index) =>
        world.run('note.add', { ...args, messageId: `n${index}`, text: 'note', writtenAt: 1 }, { by }),
  ),
  fc
    .record({ ids: fc.subarray(['a', 'b', 'c'], { minLength: 1 }), to: fc.option(agentId), by: agentId })
    .map(assignStep),
  fc.record({ ids: fc.subarray(['a', 'b', 'c'], { minLength: 1 }), by: agentId, change: fc.nat(6) }).map(stateStep),
  fc.record({ conversationId, by: agentId, tier: fc.constantFrom(undefined, 1, 2, 3) }).map(
    ({ by, ...args }): Step =>
      (world, index) =>
        world.run('conversation.escalate', { ...args, escalationId: `e${index}`, reason: 'why' }, { by }),
  ),
  fc.record({ conversationId, by: agentId }).map(handBackStep),
  fc.record({ conversationId, add: fc.subarray(['x', 'y']), remove: fc.subarray(['x', 'z']), by: agentId }).map(
    ({ by, ...args }): Step =>
      (world) =>
        world.run('conversation.tag', args, { by }),
  ),
  fc.record({ of: fc.nat(30), state: fc.constantFrom('sent', 'read', 'failed', 'unknown') }).map(receiptStep),
  fc.record({ conversationId, priority: fc.constantFrom('low', 'high'), by: agentId }).map(
    ({ by, ...args }): Step =>
      (world) =>
        world.run('conversation.setPriority', args, { by }),
  ),
  fc.record({ id: fc.constantFrom('hi', 'bye'), isDeleted: fc.boolean(), title: shortText }).map(
    ({ id, isDeleted, title }): Step =>
      (world) =>
        isDeleted
          ? world.run('canned-reply.delete', { id }, { by: 'chu' })
          : world.run(
              'canned-reply.put',
              { id, fields: { shortcut: id, title, texts: {}, queueIds: [] } },
              { by: 'chu' },
            ),
  ),
  fc.record({ id: conversationId, isLarge: fc.boolean() }).map(eraseStep),
  fc.record({ conversationId, agentId, text: fc.constantFrom('', 'a', 'b'), isSeen: fc.boolean() }).map(draftStep),
  fc.nat(3 * 24 * 60).map((minutes): Step => (world) => {
    world.now += minutes * 60_000;
  }),
);

function receiveStep({ conversationId: id, text }: { conversationId: string; text: string }): Step {
  return (world, index) => {
    const identity = { channelId: 'web', externalId: id, isVerified: false };
    const customer = { id: `customer-${id}`, identity, profile: { name: text } };
    const rest = { channelId: 'web', messageId: `m${index}`, text, writtenAt: 1 };
    const args = {
      ...rest,
      customer,
      conversationId: id,
      newConversationId: world.conversation(id) ? `${id}-${index}` : id,
    };
    world.run('message.receive', args, { by: webChat });
  };
}

function replyStep(input: { conversationId: string; by: string; text: string; isDelayed: boolean }): Step {
  const { by, isDelayed, ...args } = input;
  return (world, index) => {
    const base = { foreignPublicSeq: world.seq - 2 };
    world.run('message.send', { ...args, messageId: `m${index}`, writtenAt: 1 }, { by, isDelayed, base });
  };
}

function draftStep({
  isSeen,
  ...args
}: {
  conversationId: string;
  agentId: string;
  text: string;
  isSeen: boolean;
}): Step {
  return (world) => {
    const place = { ...args, kind: 'note' as const };
    const continues = isSeen ? (world.reader<SharedDraft>(draftRef(place)).root()?.version ?? null) : null;
    world.run('draft.write', { ...place, continues, attachments: [] }, { by: args.agentId });
  };
}

function receiptStep({ of, state }: { of: number; state: string }): Step {
  return (world) => {
    const sent = world.log.flat().filter((change) => change.type === 'message-sent');
    const one = sent[of % sent.length];
    if (one === undefined) return;
    const { messageId } = one.data as { messageId: string };
    const conversation = one.subject.slice('conversation:'.length);
    const args = { conversationId: conversation, messageIds: [messageId], state };
    world.run('delivery.update', args, { by: system });
  };
}

function eraseStep({ id, isLarge }: { id: string; isLarge: boolean }): Step {
  return (world) => {
    const subject = `customer:customer-${id}` as const;
    if (world.reader(subject).root() === null) return;
    // An event that is too small for all of them begins with this.
    if (isLarge)
      world.append([{ subject, type: 'customer-erasure-begun', v: 1, data: {} }], { kind: 'system', name: 'desk' });
    else world.run('customer.erase', { customerId: `customer-${id}` }, { by: 'chu' });
  };
}

function assignStep({ ids, to, by }: { ids: string[]; to: string | null; by: string }): Step {
  return (world) => {
    const versions = Object.fromEntries(ids.map((id) => [id, world.conversation(id)?.assignmentVersion ?? '']));
    world.run('conversation.assign', { conversationIds: ids, assigneeId: to }, { by, base: { versions } });
  };
}

function handBackStep({ conversationId: id, by }: { conversationId: string; by: string }): Step {
  return (world) => {
    const { escalation } = world.conversation(id) ?? {};
    if (escalation === null || escalation === undefined) return;
    const args = { conversationIds: [id], queueId: escalation.fromQueueId };
    world.run('conversation.move', args, { by, base: { escalations: { [id]: escalation.id } } });
  };
}

function stateStep({ ids, by, change }: { ids: string[]; by: string; change: number }): Step {
  return (world) => {
    const customerSeqs = Object.fromEntries(ids.map((id) => [id, world.conversation(id)?.customerSeq ?? 0]));
    const [type, rest] = (
      [
        ['close', {}],
        ['reopen', {}],
        ['wait', {}],
        ['snooze', { until: null }],
        ['snooze', { until: world.now + 60_000 }],
        ['move', { queueId: 'returns' }],
        ['move', { queueId: 'sales' }],
      ] as const
    )[change]!;
    world.run(
      `conversation.${type}`,
      { conversationIds: ids, ...rest },
      { by, base: type === 'close' ? { customerSeqs } : undefined },
    );
  };
}

function play(steps: readonly Step[]): { world: DomainWorld; moments: DomainWorld[] } {
  const world = DomainWorld.withDesk();
  const moments = [world.copy()];
  for (const [index, run] of steps.entries()) {
    const before = world.seq;
    run(world, index);
    if (world.seq > before) moments.push(world.copy());
  }
  return { world, moments };
}

const steps = fc.array(step, { minLength: 5, maxLength: 40 });

describe('folding', () => {
  test('the sequences that the properties below run on bring about every fact there is', () => {
    const seen = new Set<string>();
    for (const list of fc.sample(steps, { numRuns: 200, seed: 1 })) {
      for (const change of play(list).world.log.flat()) seen.add(change.type);
    }
    const notHere = /^(workspace|queue|agent|channel)-|^customer-updated$/;
    const all = subjectKinds.flatMap((kind) => Object.keys(kind.changes)).filter((type) => !notHere.test(type));
    expect(all.filter((type) => !seen.has(type))).toEqual([]);
  });

  test('INV-8 folding any facts of what is there again, in any order, changes nothing', () => {
    fc.assert(
      fc.property(steps, fc.infiniteStream(fc.nat()), (list, numbers) => {
        const { world } = play(list);
        const before = world.rows();
        // A deleted root leaves no trace that could tell its facts from new ones: the cursor does that.
        const facts = world.log.filter((event) => event.every((one) => world.reader(one.subject).root() !== null));
        for (let again = 0; again < 20; again += 1) world.fold(facts[numbers.next().value % facts.length]!);
        expect(world.rows()).toEqual(before);
      }),
      { numRuns: 150 },
    );
  });

  test('INV-8 folding the log again from anywhere to its end changes nothing', () => {
    fc.assert(
      fc.property(steps, fc.nat(), (list, from) => {
        const { world } = play(list);
        const before = world.rows();
        for (const event of world.log.slice(from % world.log.length)) world.fold(event);
        expect(world.rows()).toEqual(before);
      }),
      { numRuns: 150 },
    );
  });

  test('INV-2 SYNC-S4 subjects read at different moments, and the log from the first of them on, are the present', () => {
    fc.assert(
      fc.property(steps, fc.infiniteStream(fc.nat()), (list, numbers) => {
        const { world, moments } = play(list);
        const first = numbers.next().value % moments.length;
        const subjects = new Set(world.log.flat().map((change) => change.subject));
        const rows = [...subjects].flatMap((subject) => {
          const moment = moments[first + (numbers.next().value % (moments.length - first))]!;
          return rowsOf(moment, subject);
        });
        const rebuilt = new DomainWorld(rows);
        for (const event of world.log) if (event[0]!.seq > moments[first]!.seq) rebuilt.fold(event);
        expect(rebuilt.rows()).toEqual(world.rows());
      }),
      { numRuns: 150 },
    );
  });

  test('INV-8 SYNC-L2 it is pure: it changes neither rows nor changes', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const { world } = play(list);
        const rebuilt = new DomainWorld();
        for (const event of world.log) {
          for (const [, row] of rebuilt.rows()) freeze(row);
          rebuilt.fold(freeze(event));
        }
        expect(rebuilt.rows()).toEqual(world.rows());
      }),
      { numRuns: 50 },
    );
  });

  test('SYNC-S4 an item that came later than its conversation’s cursor is not set back', () => {
    const { world } = play([receiveStep({ conversationId: 'a', text: 'x' })]);
    const base = { foreignPublicSeq: world.seq };
    const atFirst = world.copy();
    world.must('message.send', { conversationId: 'a', messageId: 'm', text: 'Dạ', writtenAt: 1 }, { base });
    const sent = world.log.at(-1)!;
    world.must('delivery.update', { conversationId: 'a', messageIds: ['m'], state: 'read' }, { by: system });
    const later = new DomainWorld([...atFirst.rows(), ['message/m', world.message('m')]]);
    later.fold(sent);
    expect(later.message('m').delivery?.state).toBe('read');
    expect(later.conversation('a').lastMessage?.author).toBe('agent');
  });

  test('SYNC-P1 what this version does not know is said to be unknown, and nothing of it is folded', () => {
    const change: FoldChange = {
      subject: 'conversation:a',
      type: 'conversation-painted',
      v: 1,
      data: {},
      seq: 1,
      position: positionOf(1, 0),
      at: 0,
      actor: 'system:test',
    };
    const nothing: SubjectReader = { root: () => null, item: () => null };
    const started = { ...change, type: 'conversation-started' };
    expect(foldChanges(nothing, [change])).toEqual({ known: false });
    expect(foldChanges(nothing, [{ ...started, v: 2 }])).toEqual({ known: false });
    expect(foldChanges(nothing, [{ ...change, subject: 'future:a' }])).toEqual({ known: false });
    expect(foldChanges(nothing, [{ ...started }, change])).toEqual({ known: false });
    expect(foldChanges(nothing, [])).toEqual({ known: true, rows: [] });
  });

  test('a change to a conversation that is not held is ignored', () => {
    const { world } = play([receiveStep({ conversationId: 'a', text: 'x' })]);
    for (const change of world.log.flat().filter((one) => one.type === 'message-received')) {
      expect(foldChanges({ root: () => null, item: () => null }, [change])).toEqual({ known: true, rows: [] });
    }
  });
});

describe('every kind', () => {
  test.each(subjectKinds.map((kind) => [kind.name, kind] as const))('SYNC-U1 %s is declared whole', (name, kind) => {
    expect(name).toMatch(/^[a-z-]{1,40}$/);
    expect(kind.tables.map((table) => table.role)).toEqual(['root', ...kind.tables.slice(1).map(() => 'item')]);
    expect(kind.tailLength > 0).toBe(kind.tables.length > 1);
    for (const { columns, indexes } of kind.tables) {
      for (const column of indexes.flat()) expect(Object.keys(columns)).toContain(column);
    }
  });

  test('SYNC-U1 tables, changes of a kind, and commands have names of their own', () => {
    const tables = subjectKinds.flatMap((kind) => kind.tables.map((table) => table.name));
    const commands = subjectKinds.flatMap((kind) => kind.commands.map((command) => command.type));
    expect(new Set(tables).size).toBe(tables.length);
    expect(new Set(commands).size).toBe(commands.length);
    const timers = subjectKinds.flatMap((kind) => Object.entries(kind.timers ?? {}));
    expect(new Set(timers.map(([timer]) => timer)).size).toBe(timers.length);
    for (const [, commandOf] of timers) expect(commands).toContain(commandOf({ subjectId: 'x', dueAt: 0 }).type);
  });
});

function rowsOf(world: DomainWorld, subject: SubjectRef) {
  const { kind, id } = parseSubjectRef(subject);
  const table = subjectKinds.find((one) => one.name === kind)!.tables[0]!.name;
  return world
    .rows()
    .filter(
      ([key, row]) =>
        key === `${table}/${id}` || (kind === 'conversation' && 'subjectId' in row && row.subjectId === id),
    );
}

function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const one of Object.values(value)) freeze(one);
  }
  return value;
}
