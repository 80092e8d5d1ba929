import { expect, test } from 'vitest';
import type { Customer } from '../../../shared/domain/customer/customer.ts';
import { subjectKinds } from '../../../shared/domain/registry.ts';
import type { RootRow, SubjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import { DomainWorld, system, webChat } from '../../fakes/domain-world.ts';

/**
 * The rows of SYNC §1.5 beside conversations, for all sequences of two and three commands in every order: what is written
 * whole is compare-and-set on its version, what is written field by field belongs to the last writer of each field.
 */
interface Step<Model> {
  name: string;
  run(world: DomainWorld, seen: DomainWorld): string | null;
  model(model: Model): string | null;
}

/** Runs every sequence of two and three of `steps`. @returns how many */
function everySequence<Model>(
  start: DomainWorld,
  steps: readonly Step<Model>[],
  compare: { begin(): Model; check(world: DomainWorld, model: Model, names: string): void },
): number {
  let count = 0;
  for (const first of steps) {
    for (const second of steps) {
      for (const third of [null, ...steps]) {
        const world = start.copy();
        const model = compare.begin();
        const order = [first, second, ...(third === null ? [] : [third])];
        const names = order.map(({ name }) => name).join(', then ');
        for (const step of order) {
          expect(step.run(world, start), names).toBe(step.model(model));
          compare.check(world, model, names);
        }
        count += 1;
      }
    }
  }
  return count;
}

const refusalOf = (outcome: ReturnType<DomainWorld['run']>): string | null =>
  typeof outcome === 'string' ? outcome : null;

/** Two versions of what each kind that is written whole may contain. */
const CONTENT: Record<string, [object, object]> = {
  'canned-reply': [
    { shortcut: 'hi', title: 'Hello', texts: { vi: 'Chào' }, queueIds: [] },
    { shortcut: 'hi', title: 'Hello again', texts: { vi: 'Xin chào' }, queueIds: [] },
  ],
  queue: [
    { name: 'one', reopenDays: 7, keepAssigneeOnReopen: true, escalationQueueId: null },
    { name: 'two', reopenDays: 1, keepAssigneeOnReopen: false, escalationQueueId: null },
  ],
  agent: [
    { name: 'Tú', email: 't@shop.example', role: 'agent', queueIds: ['sales'], languages: ['vi'], isActive: true },
    { name: 'Tú', email: 't@shop.example', role: 'lead', queueIds: [], languages: ['vi'], isActive: true },
  ],
  channel: [
    { kind: 'web-chat', name: 'one', queueId: 'sales', maxTextLength: 100 },
    { kind: 'web-chat', name: 'two', queueId: 'returns', maxTextLength: 100 },
  ],
};

interface Whole {
  content: object | null;
  isChanged: boolean;
}

const wholeKinds = subjectKinds.filter(({ name }) => name in CONTENT);

test('SYNC §1.5 every kind that is written whole is in this table', () => {
  const written = subjectKinds.filter(({ commands }) => commands.some(({ type }) => type.endsWith('.put')));
  // The workspace has one subject, which is never deleted; the rest of its rule is the same.
  expect(wholeKinds.map(({ name }) => name)).toEqual(
    written.map(({ name }) => name).filter((name) => name !== 'workspace'),
  );
});

test.each(wholeKinds)(
  'ROW-H2 SYNC §1.5 $name: the first of two who edit one version wins, and what is gone stays gone',
  ({ name }) => {
    const [one, two] = CONTENT[name]!;
    const id = 'x';
    const start = DomainWorld.withDesk();
    start.must(`${name}.put`, { id, fields: one }, { by: system });
    const rootOf = (world: DomainWorld) => world.reader<RootRow>(`${name}:${id}` as SubjectRef).root();
    const edit = (label: string, fields: object, isBased: boolean): Step<Whole> => ({
      name: `${label}${isBased ? '' : ' without a base'}`,
      run: (world, seen) => {
        const base = isBased ? { asOf: rootOf(seen)!.asOf } : undefined;
        return refusalOf(world.run(`${name}.put`, { id, fields }, { by: 'chu', base }));
      },
      model: (model) => {
        if (isBased && model.content === null) return 'gone/deleted';
        if (isBased && model.isChanged) return 'conflict/changed-meanwhile';
        model.content = fields;
        model.isChanged = true;
        return null;
      },
    });
    const remove: Step<Whole> = {
      name: 'delete',
      run: (world) => refusalOf(world.run(`${name}.delete`, { id }, { by: 'chu' })),
      model: (model) => {
        if (model.content === null) return 'gone/deleted';
        model.content = null;
        model.isChanged = true;
        return null;
      },
    };
    const byNobody: Step<Whole> = {
      name: 'an agent edits',
      run: (world) => refusalOf(world.run(`${name}.put`, { id, fields: two }, { by: 'lan', base: undefined })),
      model: () => 'forbidden/admin-only',
    };
    const steps = [
      edit('one edits', one, true),
      edit('another edits', two, true),
      edit('import', one, false),
      remove,
      byNobody,
    ];
    const count = everySequence(start, steps, {
      begin: (): Whole => ({ content: one, isChanged: false }),
      check: (world, model, names) => {
        const root = rootOf(world);
        if (model.content === null) expect(root, names).toBeNull();
        else expect(root, names).toMatchObject(model.content);
      },
    });
    expect(count).toBe(steps.length ** 2 + steps.length ** 3);
  },
);

type Fields = Pick<Customer, 'name' | 'phone' | 'email'>;

test('ROW-B2 SYNC §1.5 customer: each field is its last writer’s, a channel only fills in blanks, and the old value is in the event', () => {
  const start = DomainWorld.withDesk();
  receive(start, { name: 'Mai' }, 'first');
  const update = (by: string, profile: Partial<Fields>): Step<Fields> => ({
    name: `${by} sets ${JSON.stringify(profile)}`,
    run: (world) => {
      const before = fieldsOf(world);
      const outcome = world.run('customer.update', { customerId: 'mai', profile }, { by });
      if (typeof outcome === 'string') return outcome;
      const replaced = Object.fromEntries(Object.keys(profile).map((field) => [field, before[field as keyof Fields]]));
      expect(outcome.changes[0]?.data).toMatchObject({ previous: replaced });
      return null;
    },
    model: (model) => {
      Object.assign(model, profile);
      return null;
    },
  });
  let message = 0;
  const writes = (profile: Partial<Fields>): Step<Fields> => ({
    name: `customer writes as ${JSON.stringify(profile)}`,
    run: (world) => {
      message += 1;
      return refusalOf(receive(world, profile, `message ${message}`));
    },
    model: (model) => {
      for (const [field, value] of Object.entries(profile)) model[field as keyof Fields] ??= value;
      return null;
    },
  });
  const steps = [
    update('lan', { name: 'Chị Mai' }),
    update('minh', { name: 'Mai Trần' }),
    update('lan', { phone: '0901' }),
    update('minh', { phone: null, email: 'mai@example.org' }),
    update('linh', { name: null }),
    writes({ name: 'mai_89' }),
    writes({ phone: '0902', email: 'old@example.org' }),
  ];
  const count = everySequence(start, steps, {
    begin: (): Fields => ({ name: 'Mai', phone: null, email: null }),
    check: (world, model, names) => expect(fieldsOf(world), names).toEqual(model),
  });
  expect(count).toBe(steps.length ** 2 + steps.length ** 3);
});

function fieldsOf(world: DomainWorld): Fields {
  const { name, phone, email } = world.reader<Customer>('customer:mai').root()!;
  return { name, phone, email };
}

function receive(world: DomainWorld, profile: Partial<Fields>, messageId: string): ReturnType<DomainWorld['run']> {
  const identity = { channelId: 'web', externalId: 'mai', isVerified: false };
  const customer = { id: 'mai', identity, profile };
  const rest = { conversationId: 'a', newConversationId: 'a', channelId: 'web', text: 'Shop ơi', writtenAt: 1 };
  return world.run('message.receive', { ...rest, customer, messageId }, { by: webChat });
}
