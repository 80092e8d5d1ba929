import { describe, expect, test } from 'vitest';
import { type AgentAccess, agentRoleSchema, mayOverride, tierOfRole } from './agent/agent-access.ts';
import { findKind, subjectKinds } from './registry.ts';
import type { RootRow } from './subject/subject-kind.ts';
import { fc } from '../../tests/fakes/properties.ts';

const conversation = findKind('conversation')!;
const cannedReply = findKind('canned-reply')!;

function access(role: AgentAccess['role'], queueIds: string[] = [], agentId = 'lan'): AgentAccess {
  return { agentId, role, tier: tierOfRole(role), queueIds };
}

const root = (fields: object): RootRow =>
  ({
    id: 'a',
    asOf: 1,
    bornSeq: 1,
    queueId: 'sales',
    assigneeId: null,
    participantIds: [],
    tier: 1,
    ...fields,
  }) as RootRow;

const id = fc.constantFrom('sales', 'returns', 'lan', 'minh', 'thu');
const anyRoot = fc.record({
  id,
  asOf: fc.nat(),
  bornSeq: fc.nat(),
  queueId: id,
  queueIds: fc.uniqueArray(id),
  assigneeId: fc.option(id),
  participantIds: fc.uniqueArray(id),
  tier: fc.constantFrom(1, 2, 3),
  state: fc.constantFrom('open', 'waiting', 'snoozed', 'closed'),
  lastMessageAt: fc.nat(1000),
  lastSeenAt: fc.nat(1000),
  waitingSince: fc.option(fc.nat(1000)),
  tags: fc.constant([]),
  agentId: id,
});
const anyAccess = fc
  .record({ role: fc.constantFrom(...agentRoleSchema.options), queueIds: fc.uniqueArray(id), agentId: id })
  .map(({ role, queueIds, agentId }) => access(role, queueIds, agentId));

describe('SYNC-V1 who may see a conversation', () => {
  test.each([
    ['who serves its queue', access('agent', ['returns', 'sales']), {}, true],
    ['who serves another queue', access('agent', ['returns']), {}, false],
    ['to whom it is assigned', access('agent'), { assigneeId: 'lan' }, true],
    ['when it is assigned to somebody else', access('agent'), { assigneeId: 'minh' }, false],
    ['who was named in a note', access('agent'), { participantIds: ['lan'] }, true],
    ['a specialist, once escalated to tier 2', access('specialist'), { tier: 2 }, true],
    ['a specialist, escalated to tier 3', access('specialist'), { tier: 3 }, false],
    ['a manager, escalated to tier 2 or 3', access('manager'), { tier: 3 }, true],
    ['a manager, not escalated', access('manager'), {}, false],
    ['an agent, escalated out of her queue', access('agent'), { tier: 2 }, false],
    ['a lead of another queue', access('lead', ['returns']), {}, false],
    ['an administrator', access('admin'), {}, true],
  ])('%s', (_who, who, fields, isVisible) => {
    expect(conversation.isVisible(who, root(fields))).toBe(isVisible);
  });
});

test('canned replies are for their queues, or for all', () => {
  const sees = (who: AgentAccess, queueIds: string[]) =>
    cannedReply.isVisible(who, { ...root({}), queueIds } as RootRow);
  expect(sees(access('agent', ['sales']), [])).toBe(true);
  expect(sees(access('agent', ['sales']), ['sales', 'returns'])).toBe(true);
  expect(sees(access('agent', ['sales']), ['returns'])).toBe(false);
  expect(sees(access('admin'), ['returns'])).toBe(true);
});

test('leads, managers and administrators may override', () => {
  expect(agentRoleSchema.options.filter((role) => mayOverride(access(role)))).toEqual(['manager', 'lead', 'admin']);
});

describe.each(subjectKinds.map((kind) => [kind.name, kind] as const))('SYNC-V1 %s', (_name, kind) => {
  test('is seen and held by the fields it names, and by nothing else of its root', () => {
    fc.assert(
      fc.property(anyRoot, anyAccess, fc.nat(1000), (row, who, heldSince) => {
        const read = new Set<string>();
        const watched = new Proxy(row as RootRow, {
          get: (target, name) => {
            read.add(String(name));
            return Reflect.get(target, name) as unknown;
          },
        });
        kind.isVisible(who, watched);
        expect([...read].filter((name) => !kind.visibilityFields.includes(name))).toEqual([]);
        read.clear();
        kind.isHeld(watched, who, heldSince);
        expect([...read].filter((name) => !kind.heldFields.includes(name))).toEqual([]);
      }),
    );
  });

  test('is seen by whoever has more rights if it is seen by whoever has less', () => {
    fc.assert(
      fc.property(anyRoot, anyAccess, id, (row, who, queueId) => {
        if (!kind.isVisible(who, row as RootRow)) return;
        expect(kind.isVisible({ ...who, queueIds: [...who.queueIds, queueId] }, row as RootRow)).toBe(true);
        expect(kind.isVisible({ ...who, role: 'admin', tier: 3 }, row as RootRow)).toBe(true);
      }),
    );
  });
});

test('SYNC-S5 a console holds what is not closed, what is its agent’s, and what is recent', () => {
  const isHeld = (fields: object) =>
    conversation.isHeld(root({ state: 'closed', lastMessageAt: 10, ...fields }), access('agent'), 100);
  expect(isHeld({})).toBe(false);
  expect(isHeld({ state: 'snoozed' })).toBe(true);
  expect(isHeld({ assigneeId: 'lan' })).toBe(true);
  expect(isHeld({ lastMessageAt: 100 })).toBe(true);
});
