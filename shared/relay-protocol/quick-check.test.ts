import { expect, test } from 'vitest';
import { seededRandom } from '../../tests/fakes/manual-clock.ts';
import type { Random } from '../primitives/clock.ts';
import { frameSchema, snapshotPageSchema } from './frames.ts';
import { fromRelay } from './from-relay.ts';
import { hasSession, isCredit, isDigests, isFrameBody, isPageBody, isSuccesses, isTick } from './quick-check.ts';
import { toRelay } from './to-relay.ts';

const session = '0190a5a0-0000-7000-8000-000000000001';
const row = { id: 'k1', asOf: 4, bornSeq: 2, title: 'Đơn hàng', tags: ['gấp'] };
const item = { id: 'm1', asOf: 3, subjectId: 'k1', position: 3_000_001, text: 'alo' };
const snapshot = {
  ...{ subject: 'conversation:k1', asOf: 5, root: row, isComplete: false },
  items: [
    { table: 'message', row: item },
    { table: 'note', row: item },
  ],
};
const change = { index: 0, subject: 'conversation:k1', type: 'message-sent', v: 1, data: { text: 'chào', at: null } };
const event = {
  ...{ seq: 6, at: 1.5, actor: 'agent:lan', commandId: 'c1' },
  changes: [change, { ...change, index: 1, subject: 'erasure:customer:c-1', isEssential: true }],
};
const bulk = { session, from: 5, to: 7, leave: ['customer:c-2'], enter: [snapshot], events: [event], isCatchUp: true };
const live = { ...bulk, leave: [], enter: [], isCatchUp: false, wantsCredit: true, still: 2 };
const success = { id: session, ok: true, seq: 7, output: { at: 3 } };
const results = { session, results: [success, { ...success, seq: 8, output: undefined }] };
const tick = { session, head: 9, serverNow: 1.5, still: 3 };
const digest = { subject: 'conversation:k1', asOf: 9, fromPosition: 0, digest: '0123456789abcdef' };
const digests = { session, subjects: [digest, { ...digest, fromPosition: 3_000_001 }] };
const credit = { session, cursor: 9, heldMs: 0.25 };
const page = { session, page: 0, startSeq: 9, subjects: [snapshot], totalSubjects: 40, isLast: false };

/** What a field may turn into. Of numbers, texts and lists each bound that a schema has is among them, and its neighbours. */
const VALUES: readonly unknown[] = [
  ...[undefined, null, true, false, {}, [], [null], [undefined], { id: 'x', asOf: 1 }, 'x', '', new Date(0)],
  ...[0, 1, -1, -0, 0.5, 2 ** 53, 2 ** 53 - 1, -(2 ** 53), Number.NaN, Number.POSITIVE_INFINITY],
  ...['a:b', 'a:', ':b', 'A:b', 'a1:b', 'a b:c', 'a-b:c\nd', '\na:b', 'a:b\n', `${'a'.repeat(40)}:b`],
  ...[`${'a'.repeat(41)}:b`, `a:${'b'.repeat(160)}`, `a:${'b'.repeat(161)}`, `a:${'😀'.repeat(80)}`],
  ...['agent:', 'agent', 'xagent:y', 'customer:c', 'channel:web', 'system:timer', 'relay:x', ' agent:x'],
  ...[session, session.toUpperCase(), '00000000-0000-0000-0000-000000000000', session.replace('-7', '-9')],
  ...[session.replace('-8', '-7'), `${session}\n`, 'ffffffff-ffff-ffff-ffff-ffffffffffff', [bulk], snapshot, event],
];

type Tree = Record<string, unknown>;

/** Every tree that differs from `tree` in one place: another value, nothing at all, or one more. */
function* mutantsOf(tree: unknown): Generator<unknown> {
  if (typeof tree !== 'object' || tree === null) return;
  const keys = Object.keys(tree);
  const copy = (): Tree => structuredClone(tree) as Tree;
  for (const key of keys) {
    for (const value of VALUES) {
      const changed = copy();
      changed[key] = value;
      yield changed;
    }
    const shorter = copy();
    delete shorter[key];
    yield shorter;
    for (const inner of mutantsOf((tree as Tree)[key])) {
      const changed = copy();
      changed[key] = inner;
      yield changed;
    }
  }
  if (!Array.isArray(tree)) yield { ...copy(), more: 1 };
}

/** Puts something else into a place that is found by chance. */
function spoil(tree: Tree, random: Random): void {
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random.fraction() * values.length)]!;
  for (let at = tree; ;) {
    const key = pick(Object.keys(at));
    const inner = at[key];
    if (typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0 && random.fraction() < 0.8) {
      at = inner as Tree;
      continue;
    }
    at[key] = structuredClone(pick(VALUES));
    return;
  }
}

const isFrame = (value: unknown) => hasSession(value) && isFrameBody(value);
const isPage = (value: unknown) => hasSession(value) && isPageBody(value);
const shapes = [
  { name: 'a frame of a catch-up', valid: bulk, isRight: isFrame, schema: frameSchema },
  { name: 'a live frame', valid: live, isRight: isFrame, schema: frameSchema },
  { name: 'a page', valid: page, isRight: isPage, schema: snapshotPageSchema },
  { name: 'results', valid: results, isRight: isSuccesses, schema: fromRelay.results },
  { name: 'a tick', valid: tick, isRight: isTick, schema: fromRelay.tick },
  { name: 'digests', valid: digests, isRight: isDigests, schema: fromRelay.digests },
  { name: 'a credit', valid: credit, isRight: isCredit, schema: toRelay.credit },
];

for (const { name, valid, isRight, schema } of shapes) {
  test(`${name}: what the quick check takes is what the schema takes, as it is`, () => {
    expect(isRight(valid)).toBe(true);
    expect(schema.parse(valid)).toEqual(valid);
    const seen = { taken: 0, refused: 0, leftToSchema: 0 };
    for (const mutant of mutantsOf(valid)) {
      const parsed = schema.safeParse(mutant);
      if (!isRight(mutant)) {
        if (parsed.success) seen.leftToSchema += 1;
        else seen.refused += 1;
        continue;
      }
      seen.taken += 1;
      if (!parsed.success) expect.fail(`taken although ${parsed.error.message}: ${JSON.stringify(mutant)}`);
      // What the schema leaves out are fields that it does not name, and nothing else.
      if (JSON.stringify(parsed.data).length === JSON.stringify(mutant).length) expect(mutant).toEqual(parsed.data);
    }
    const places = JSON.stringify(valid).split(':').length;
    expect(seen.taken).toBeGreaterThan(places);
    expect(seen.refused).toBeGreaterThan(20 * places);
    // It costs time only, but the quick one is to be the rule.
    expect(seen.leftToSchema).toBeLessThan(seen.taken / 4);
  });

  test(`${name}: likewise when several places are wrong`, () => {
    const random = seededRandom(42);
    for (let round = 0; round < 3000; round += 1) {
      const mutant = structuredClone(valid) as Tree;
      for (let places = 2; places > 0; places -= 1) spoil(mutant, random);
      if (isRight(mutant) && !schema.safeParse(mutant).success) expect.fail(`taken: ${JSON.stringify(mutant)}`);
    }
  });
}

test('what is no object has no session and is no frame', () => {
  for (const value of VALUES) {
    if (value !== bulk && !(Array.isArray(value) && value[0] === bulk)) expect(isFrame(value)).toBe(false);
  }
});
