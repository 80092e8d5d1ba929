import { expect, test } from 'vitest';
import type { EventLog } from '../../../src-relay/event-log/event-log.ts';
import type { TransactionName } from '../../../src-relay/event-log/log-storage.ts';
import { makeEpoch, openEventLog } from '../../../src-relay/event-log/open-event-log.ts';
import { receive, refusalOf, seedWorkspace, send, seqOf } from '../../contract/event-log-fixture.ts';
import { ManualClock, seededRandom } from '../../fakes/manual-clock.ts';
import { frozenJson } from './frozen-json.ts';
import { type CommitPoint, MemoryLogDisk } from './memory-log-disk.ts';

const clock = new ManualClock();
const random = seededRandom(3);

function openOn(disk: MemoryLogDisk): EventLog {
  return openEventLog({
    storage: disk.open(() => makeEpoch(clock, random)),
    clock,
    random,
    plan: (_kind, message) => [message],
    hasFile: () => true,
    logger: { error: () => {}, fatal: () => {} },
    afterTurn: (task) => queueMicrotask(task),
  });
}

async function seeded(): Promise<MemoryLogDisk> {
  const disk = new MemoryLogDisk();
  await seedWorkspace(openOn(disk));
  return disk;
}

test('SYNC-C2 INV-3 a relay that dies before its commit has done nothing, one that dies after it everything', async () => {
  for (const point of ['before-commit', 'after-commit'] as const) {
    const disk = await seeded();
    const log = openOn(disk);
    const head = log.head();
    const heard: number[] = [];
    log.onCommit((commit) => heard.push(commit.events.length));
    const points: [CommitPoint, TransactionName][] = [];
    disk.onCommitPoint = (at, name) => {
      points.push([at, name]);
      if (at === point) disk.crash();
    };
    const answer = await log.submit(receive('a', 'm1'));
    disk.onCommitPoint = null;
    // Whoever is dead tells nobody that it worked.
    expect([answer.ok, heard]).toEqual([false, []]);
    expect(() => log.read('conversation:a').root()).toThrow('died');
    expect(points.at(-1)).toEqual([point, 'execute-commands']);
    const reopened = openOn(disk);
    const isThere = point === 'after-commit';
    expect(reopened.head()).toBe(isThere ? head + 1 : head);
    expect(reopened.read('conversation:a').root() !== null).toBe(isThere);
    expect(seqOf(await reopened.submit(receive('a', 'm1')))).toBe(head + 1);
    expect(reopened.head()).toBe(head + 1);
  }
});

test('a full disk stores nothing, and nothing is left of what was begun', async () => {
  const disk = await seeded();
  const log = openOn(disk);
  await log.submit(receive('a', 'm1'));
  const before = disk.copy();
  disk.failTransactions = 1;
  expect(refusalOf(await log.submit(send('a', 'm2')))).toBe('retry/storage-failed');
  expect(disk.listEvents(0)).toEqual(before.listEvents(0));
  expect(log.deliveries.listParts('m2')).toEqual([]);
  seqOf(await log.submit(send('a', 'm2')));
  expect(log.deliveries.listParts('m2').map(({ state }) => state)).toEqual(['queued']);
});

test('SYNC-L3 a backup is not touched by what comes after it, and may be put back more than once', async () => {
  const disk = await seeded();
  let log = openOn(disk);
  await log.submit(receive('a', 'm1'));
  await log.submit(send('a', 'm2'));
  const backup = disk.copy();
  const { epoch } = log;
  const head = log.head();
  for (const later of ['m3', 'm4']) {
    await log.submit(receive('a', later));
    log.deliveries.beginAttempt('m2', 0);
    disk.restore(backup);
    expect(() => log.head() + log.readAckedN('x')).toThrow('died');
    log = openOn(disk);
    log.rotateEpoch();
    expect(log.epoch).not.toBe(epoch);
    expect(log.lineages()).toEqual([
      { epoch, since: 0 },
      { epoch: log.epoch, since: head },
    ]);
    expect(log.head()).toBe(head);
    expect((await log.readSnapshot('conversation:a'))?.items.length).toBe(2);
    expect(log.deliveries.listParts('m2')[0]?.state).toBe('queued');
  }
});

test('what JSON would lose is refused, and nobody changes what is stored', async () => {
  for (const lost of [1n, Number.NaN, new Date(0), new Map(), () => {}, [undefined], { inner: { at: new Set() } }]) {
    expect(() => frozenJson(lost)).toThrow(TypeError);
  }
  const clean = frozenJson({ kept: [1, 'x', null], gone: undefined, inner: { gone: undefined } });
  expect(Object.keys(clean)).toEqual(['kept', 'inner']);
  expect(Object.keys(clean.inner)).toEqual([]);
  const log = openOn(await seeded());
  await log.submit(receive('a', 'm1'));
  const root = log.read('conversation:a').root() as unknown as { tags: string[] };
  expect(() => root.tags.push('mine')).toThrow(TypeError);
});
