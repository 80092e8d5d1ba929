import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ItemRow, RootRow } from '../../../shared/domain/subject/subject-kind.ts';
import { forgiveDeadProcesses } from '../forgive-dead-processes.ts';
import { memoryStores } from '../stores/memory-stores.ts';
import { sqliteStores } from '../stores/sqlite-stores.ts';
import type { Stores } from '../stores/stores.ts';
import { ScriptedAgent, type Written, reply } from './scripted-agent.ts';
import { type Point, SmallWorld } from './small-world.ts';

/**
 * Two consoles and a relay, stopped between any two lines of the command path, end as if nothing had happened.
 *
 * What is enumerated are the durable writes of the three processes, each right before and right after, and their messages,
 * each when it was sent and when it arrived. Between two such points a process changes only its own memory, which is gone
 * when it dies: to be stopped on any line in between leaves the same behind as to be stopped at the point before it.
 */
const SNOOZE_UNTIL = Date.UTC(2025, 0, 6, 8, 0, 25);

/** Each agent does one after the other, and asks again for what the console did not confirm. */
const SCRIPTS: Record<string, Written[]> = {
  lan: [
    { type: 'conversation.assign', args: { conversationIds: ['a'], assigneeId: 'lan' } },
    { ...reply(1, 'a'), hasFile: true },
    reply(2, 'a'),
    { type: 'conversation.close', args: { conversationIds: ['a'] } },
    { type: 'conversation.tag', args: { conversationId: 'b', add: ['vip'] } },
  ],
  minh: [
    reply(3, 'b'),
    {
      type: 'note.add',
      args: { conversationId: 'a', messageId: 'message-4', text: 'text 4', writtenAt: 1, mentions: ['lan'] },
    },
    { type: 'conversation.setPriority', args: { conversationId: 'a', priority: 'high' } },
    { type: 'conversation.snooze', args: { conversationIds: ['b'], until: SNOOZE_UNTIL } },
  ],
};

let stopForgiving: () => Promise<void>;
beforeAll(() => {
  stopForgiving = forgiveDeadProcesses();
});
afterAll(() => stopForgiving());

test('SYNC-C2 SYNC-O1 SYNC-R3 INV-3 INV-4 INV-10 INV-11 INV-13 stopped at any point of the command path, relay and consoles end as if they had not been', async () => {
  const { end: undisturbed, points } = await play(memoryStores, () => false);
  expect(undisturbed.mistakes).toEqual([]);
  for (let index = 0; index < points.length; index += 1) {
    const { end } = await play(memoryStores, (_point, at) => at === index);
    expect(end, `stopped at point ${index}: ${words(points[index]!)}`).toEqual(undisturbed);
  }
  const ofProcess = Map.groupBy(points, ({ process }) => process);
  expect([...ofProcess.keys()].toSorted()).toEqual(['lan', 'minh', 'relay']);
  console.log(
    `  ${points.length} points: ${[...ofProcess].map(([name, list]) => `${list.length} of ${name}`).join(', ')}`,
  );
});

test('SYNC-C2 SYNC-O1 INV-3 INV-4 INV-10 INV-13 stopped at any point, and whoever comes next soon after, they end as if they had not been', async () => {
  const { end: undisturbed, points } = await play(memoryStores, () => false);
  let runs = 0;
  for (let index = 0; index < points.length; index += 1) {
    for (const later of [1, 4]) {
      const { end } = await play(memoryStores, (_point, at) => at === index || at === index + later);
      expect(end, `stopped at point ${index}: ${words(points[index]!)}, and ${later} later`).toEqual(undisturbed);
      runs += 1;
    }
  }
  console.log(`  ${runs} runs`);
});

test('SYNC-C2 SYNC-O1 INV-3 INV-10 on real files, stopped at every eighth message', async () => {
  const { end: undisturbed, points } = await play(sqliteStores, () => false);
  expect(undisturbed.mistakes).toEqual([]);
  for (let index = 3; index < points.length; index += 8) {
    const { end } = await play(sqliteStores, (_point, at) => at === index);
    expect(end, `stopped at point ${index}: ${words(points[index]!)}`).toEqual(undisturbed);
  }
});

function words({ process, what }: Point): string {
  return `${process} ${what}`;
}

/** What is left when all is said and done; nothing in it depends on when it happened. */
interface End {
  mistakes: string[];
  isQuiet: boolean;
  /** Per agent and subject, in the order of the log: commands and what they changed. */
  lanes: Record<string, string[]>;
  rows: string[];
  /** Differences between a cache and the relay. */
  caches: string[];
  outboxes: Record<string, { open: number; refused: number }>;
  /** What each customer was shown, in order. */
  shown: string[];
}

async function play(
  stores: Stores,
  stopsAt: (point: Point, at: number) => boolean,
): Promise<{ end: End; points: Point[] }> {
  const points: Point[] = [];
  const world = new SmallWorld({
    stores,
    consoles: { lan: 'lan', minh: 'minh' },
    stopsAt: (point) => {
      points.push(point);
      return stopsAt(point, points.length - 1);
    },
  });
  try {
    await world.open();
    world.watch();
    const agents = Object.entries(SCRIPTS).map(
      ([name, script], index) => new ScriptedAgent(world, name, script, index),
    );
    const isQuiet = await world.until(() => isDone(world, agents), 10 * 60_000, 250);
    await world.pass(3000);
    return { end: await endOf(world, isQuiet), points };
  } finally {
    world.dispose();
  }
}

function isDone(world: SmallWorld, agents: readonly ScriptedAgent[]): boolean {
  const { log } = world.relay;
  if (log === null || !agents.every((agent) => agent.isDone)) return false;
  const isTold =
    world.events.filter(({ changes }) => changes.some(({ type }) => type === 'delivery-updated')).length === 3;
  const isAwake = world.events.some(({ changes }) =>
    changes.some(({ data }) => (data as { state?: string }).state === 'open'),
  );
  return (
    isTold &&
    isAwake &&
    [...world.consoles.values()].every(({ account, status }) => {
      if (account === null || status === null) return false;
      return (
        status.state === 'online' && status.cursor === log.head() && account.outbox.commands.listOpen().length === 0
      );
    })
  );
}

async function endOf(world: SmallWorld, isQuiet: boolean): Promise<End> {
  const log = world.relay.log!;
  const lanes: Record<string, string[]> = {};
  for (const { actor, commandId, changes } of world.events) {
    if (!actor.startsWith('agent:') && !actor.startsWith('system:de')) continue;
    for (const { subject, type, data } of changes) {
      // The desk's commands have ids that follow from the seq of what they react to.
      const command = actor === 'system:desk' ? 'derived' : commandId;
      (lanes[`${actor} ${subject}`] ??= []).push(JSON.stringify([command, type, data]));
    }
  }
  const rows: string[] = [];
  const caches: string[] = [];
  for (const kind of ['agent', 'channel', 'conversation', 'customer', 'queue']) {
    for (const { id: subjectId } of await log.listRoots(kind)) {
      const snapshot = (await log.readSnapshot(`${kind}:${subjectId}`))!;
      rows.push(timeless([snapshot.root, ...snapshot.items.map(({ row }) => row)]));
      for (const [name, one] of world.consoles) {
        const held = one.store.held().get(`${kind}:${subjectId}`);
        const items = (list: readonly { row: unknown }[]): string => canonical(list.map(({ row }) => row));
        if (held === undefined) caches.push(`${name} lacks ${kind}:${subjectId}`);
        else if (canonical(held.root) !== canonical(snapshot.root))
          caches.push(`${name} has another ${kind}:${subjectId}`);
        else if (items(held.items) !== items(snapshot.items))
          caches.push(`${name} has other items of ${kind}:${subjectId}`);
      }
    }
  }
  const outboxes = Object.fromEntries(
    [...world.consoles].map(([name, { account }]) => {
      const { commands } = account!.outbox;
      return [name, { open: commands.listOpen().length, refused: commands.listRefused().length }];
    }),
  );
  const shown = ['a', 'b'].flatMap((conversationId) =>
    world.platform.shown
      .filter(({ part }) => part.conversationId === conversationId)
      .map(({ key, part }) => `${conversationId}: ${key} ${part.text}`),
  );
  return { mistakes: world.mistakes, isQuiet, lanes, rows: rows.toSorted(), caches, outboxes, shown };
}

/** Rows without what says when or where in the log something happened. */
function timeless(rows: readonly (RootRow | ItemRow)[]): string {
  const [root, ...items] = rows.map((row) => {
    const kept = Object.entries(row).map(([field, value]) => {
      if (['asOf', 'bornSeq', 'position', 'at', 'customerSeq'].includes(field)) return [field, 0];
      if (field === 'publicSeqByAgent') return [field, Object.keys(value as object).toSorted()];
      if (/(At|Since)$/u.test(field)) return [field, value === null ? null : 0];
      if (field === 'id' && String(value).startsWith('line-')) return [field, 'line'];
      if (field === 'lastMessage') return [field, null];
      return [field, value];
    });
    return canonical(Object.fromEntries(kept));
  });
  return [root, ...items.toSorted()].join('\n');
}

/** JSON with the fields of every object in one order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)));
  });
}
