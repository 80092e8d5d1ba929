import { describe, expect, test } from 'vitest';
import { kindOf, subjectKinds } from '../../shared/domain/registry.ts';
import { OverlayReader, foldChanges } from '../../shared/domain/subject/fold-changes.ts';
import {
  type FoldChange,
  type SubjectReader,
  type SubjectRef,
  positionOf,
} from '../../shared/domain/subject/subject-kind.ts';
import { deriveId } from '../../src-relay/event-log/derived-id.ts';
import type { Commit } from '../../src-relay/event-log/event-log.ts';
import { command, lan, minh, photo, receive, send, system } from './event-log-fixture.ts';
import { type EventLogHarness, openForEachTest } from './event-log-harness.ts';

export function describeRows(name: string, makeHarness: () => EventLogHarness): void {
  describe(`${name}: log, rows, deliveries, timers`, () => {
    const the = openForEachTest(makeHarness);

    test('SYNC-L1 INV-7 seq is gapless whatever is refused in between, and goes on after a restart', async () => {
      const results = await the.submit(
        receive('a', 'm1'),
        send('unknown', 'm2'),
        receive('b', 'm3'),
        receive('c', 'm4', '   '),
        send('a', 'm5'),
      );
      expect(results.map((result) => result.ok)).toEqual([true, false, true, false, true]);
      the.crashAndOpen();
      await the.submit(receive('a', 'm6'));
      const events = await the.log.readEvents(0, 100);
      expect(events.map((event) => event.seq)).toEqual(Array.from({ length: the.log.head() }, (_, index) => index + 1));
      expect(the.log.head()).toBe(11);
    });

    test('SYNC-L1 the time of an event never goes back, whatever the clock does', async () => {
      await the.submit(receive('a', 'm1'));
      the.harness.clock.jumpTo(0);
      await the.submit(receive('a', 'm2'));
      the.crashAndOpen();
      await the.submit(receive('a', 'm3'));
      const times = (await the.log.readEvents(0, 100)).map((event) => event.at);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    });

    test('SYNC-L2 every fact fits its schema, and the rows are what folding the log from the start gives', async () => {
      await the.submit(receive('a', 'm1'), receive('b', 'm2'), send('a', 'm3'), receive('a', 'm4'));
      const ids = { conversationIds: ['a', 'b'] };
      const by = lan;
      const base = { versions: { a: the.conversation('a').assignmentVersion, b: '' } };
      await the.submit(
        command('assign', 'conversation.assign', { ...ids, assigneeId: 'minh' }, by, { base }),
        command('move', 'conversation.move', { ...ids, queueId: 'complaints' }, minh),
      );
      const facts = await the.log.readEvents(0, 1000);
      const readers = new Map<SubjectRef, OverlayReader>();
      for (const event of facts) {
        const bySubject = Map.groupBy(event.changes, (change) => change.subject);
        for (const [subject, changes] of bySubject) {
          const kind = kindOf(subject)!;
          for (const change of changes) kind.changes[change.type]!.schema.parse(change.data);
          const reader = readers.get(subject) ?? new OverlayReader(nothing, kind.tables[0]!.name);
          readers.set(subject, reader);
          const full = changes.map((change): FoldChange => ({
            ...change,
            seq: event.seq,
            at: event.at,
            actor: event.actor,
            position: positionOf(event.seq, change.index),
          }));
          const outcome = foldChanges(reader, full);
          if (outcome.known) reader.apply(outcome.rows);
        }
      }
      for (const kind of subjectKinds) {
        const roots = await the.log.listRoots(kind.name);
        const replayed = [...readers].filter(([subject]) => subject.startsWith(`${kind.name}:`));
        expect(roots).toEqual(replayed.map(([, reader]) => plain(reader.root())).toSorted(byId));
      }
      const stored = await the.log.readSnapshot('conversation:a');
      for (const { row } of stored!.items) {
        expect(plain(readers.get('conversation:a')!.item('message', row.id))).toEqual(row);
      }
      expect(stored!.items.length).toBe(5);
    });

    test('SYNC-L3 a new lineage lasts; without it the lineage stays as it was', async () => {
      const { epoch } = the.log;
      the.crashAndOpen();
      expect(the.log.epoch).toBe(epoch);
      the.log.rotateEpoch();
      const rotated = the.log.epoch;
      expect(rotated).not.toBe(epoch);
      the.crashAndOpen();
      expect(the.log.epoch).toBe(rotated);
    });

    test('SYNC-O6 the log knows at which seq each of its lineages began', async () => {
      const first = { epoch: the.log.epoch, since: 0 };
      expect(the.log.lineages()).toEqual([first]);
      await the.submit(receive('a', 'm1'));
      the.log.rotateEpoch();
      const second = { epoch: the.log.epoch, since: the.log.head() };
      expect(the.log.lineages()).toEqual([first, second]);
      const since = the.log.head();
      await the.submit(receive('a', 'm2'));
      the.log.rotateEpoch(since);
      const third = { epoch: the.log.epoch, since };
      the.crashAndOpen();
      expect(the.log.lineages()).toEqual([first, second, third]);
      for (let more = 0; more < 100; more += 1) the.log.rotateEpoch();
      expect(the.log.lineages().length).toBe(64);
      expect(the.log.lineages().at(-1)?.epoch).toBe(the.log.epoch);
    });

    test('SYNC-O6 results are found by their ids; what the log does not know is left out', async () => {
      const [first, refused] = await the.submit(receive('a', 'm1'), send('unknown', 'm2'));
      const ids = [refused!.id, deriveId('nobody'), first!.id];
      expect(await the.log.findResults(ids)).toEqual([refused, first]);
      the.crashAndOpen();
      expect(await the.log.findResults(ids)).toEqual([refused, first]);
    });

    test('SYNC-L4 forgetting events moves the floor and leaves the rows alone', async () => {
      await the.submit(receive('a', 'm1'), receive('a', 'm2'));
      await the.log.truncate(the.log.head());
      expect(the.log.floor()).toBe(the.log.head() - 1);
      expect((await the.log.readEvents(0, 100)).map((event) => event.seq)).toEqual([the.log.head()]);
      the.crashAndOpen();
      expect(the.log.floor()).toBe(the.log.head() - 1);
      expect((await the.log.readSnapshot('conversation:a'))?.items.length).toBe(2);
      await the.log.truncate(3);
      expect(the.log.floor()).toBe(the.log.head() - 1);
    });

    test('SYNC-X1 an outgoing message leaves its parts in the same transaction, as the channel splits it', async () => {
      await the.submit(receive('a', 'm1'));
      the.harness.plan = (kind, { text, attachments }) => [
        { text: `${kind}: ${text}`, attachments: [] },
        { text: '', attachments },
      ];
      the.harness.files.add(photo('b').fileId);
      await the.submit(send('a', 'm2', { attachments: [photo('b')], text: 'Ảnh đây ạ' }));
      const parts = the.log.deliveries.listParts('m2');
      expect(parts.map(({ part, state, content }) => [part, state, content.text, content.attachments.length])).toEqual([
        [0, 'queued', 'web-chat: Ảnh đây ạ', 0],
        [1, 'queued', '', 1],
      ]);
      expect(the.log.deliveries.countOpen()).toEqual(new Map([['web', 2]]));
    });

    test('SYNC-X1 what is new is due at once, also where the clock was set back since the last event', async () => {
      await the.submit(receive('a', 'm1'));
      the.harness.clock.jumpTo(the.harness.clock.now() - 3_600_000);
      await the.submit(send('a', 's1'));
      expect(the.log.deliveries.listDue(the.harness.clock.now(), 10).map(({ messageId }) => messageId)).toEqual(['s1']);
    });

    test('SYNC-X1 a conversation’s parts are tried one at a time, in order', async () => {
      await the.submit(receive('a', 'm1'), receive('b', 'm2'));
      await the.submit(send('a', 's1'), send('a', 's2'), send('b', 's3'), send('a', 's4'));
      const { deliveries } = the.log;
      const due = (): string[] => deliveries.listDue(the.harness.clock.now(), 10).map((row) => row.messageId);
      expect(due()).toEqual(['s1', 's3']);
      expect(deliveries.beginAttempt('s1', 0)).toBe(true);
      expect(deliveries.beginAttempt('s1', 0)).toBe(false);
      expect(due()).toEqual(['s3']);
      const later = the.harness.clock.now() + 1000;
      deliveries.endAttempt('s1', 0, { state: 'queued', notBefore: later, reason: 'busy', mayHaveArrived: false });
      expect(due()).toEqual(['s3']);
      expect(deliveries.nextDueAt(the.harness.clock.now())).toBe(later);
      the.harness.clock.advance(1000);
      expect(due().toSorted()).toEqual(['s1', 's3']);
      deliveries.beginAttempt('s1', 0);
      the.crashAndOpen();
      expect(the.log.deliveries.listAttempting().map((row) => [row.messageId, row.attempt])).toEqual([['s1', 2]]);
      the.log.deliveries.endAttempt('s1', 0, { state: 'sent', externalId: 'x1' });
      expect(the.log.deliveries.findByExternalId('web', 'x1')?.messageId).toBe('s1');
      expect(the.log.deliveries.listDue(the.harness.clock.now(), 10).map((row) => row.messageId)).toEqual(['s2', 's3']);
      await the.submit(receive('b', 'm3'), send('b', 's5'));
      the.log.deliveries.beginAttempt('s3', 0);
      the.log.deliveries.endAttempt('s3', 0, { state: 'failed', reason: 'blocked' });
      expect(the.log.deliveries.listDue(the.harness.clock.now(), 10).map((row) => row.messageId)).toEqual(['s2', 's5']);
      the.log.deliveries.markReported(the.log.deliveries.listParts('s3'));
      expect(the.log.deliveries.listUnreported(10)).toEqual(['s1']);
      the.log.deliveries.markReported(the.log.deliveries.listParts('s1'));
      expect(the.log.deliveries.listUnreported(10)).toEqual([]);
    });

    test('SYNC-X1 of what was delivered long ago no row is kept; of what is not settled, or not known to the log, every one', async () => {
      const { harness, log } = the;
      const { deliveries } = log;
      harness.plan = (_kind, { text }) => text.split('|').map((part) => ({ text: part, attachments: [] }));
      const settle = (messageId: string, ...states: ('sent' | 'failed')[]): void => {
        for (const [part, state] of states.entries()) {
          deliveries.beginAttempt(messageId, part);
          const outcome = state === 'sent' ? { state, externalId: `x-${messageId}-${part}` } : { state, reason: 'no' };
          deliveries.endAttempt(messageId, part, outcome);
        }
      };
      await the.submit(receive('a', 'm1'), receive('b', 'm2'), receive('c', 'm3'));
      await the.submit(
        send('a', 'old', { text: 'one|two' }),
        send('b', 'untold'),
        send('c', 'open', { text: 'one|two' }),
      );
      settle('old', 'sent', 'failed');
      settle('untold', 'sent');
      settle('open', 'sent');
      deliveries.markReported([...deliveries.listParts('old'), ...deliveries.listParts('open')]);
      harness.clock.advance(1000);
      const olderThan = harness.clock.now();
      harness.clock.advance(1000);
      await the.submit(send('a', 'young'));
      settle('young', 'sent');
      deliveries.markReported(deliveries.listParts('young'));

      expect(await log.pruneDeliveries(olderThan)).toBe(2);
      expect(deliveries.listParts('old')).toEqual([]);
      expect(deliveries.findByExternalId('web', 'x-old-0')).toBeNull();
      expect(['untold', 'open', 'young'].map((id) => deliveries.listParts(id).length)).toEqual([1, 2, 1]);
      // A receipt that comes after all says nothing to anybody.
      deliveries.recordReceipt({ conversationId: 'a', messageIds: ['old'], part: null, state: 'read', reason: null });
      expect(deliveries.listUnreported(10)).toEqual(['untold']);
      expect(await log.pruneDeliveries(olderThan)).toBe(0);
      settle('open', 'sent', 'sent');
      deliveries.markReported(deliveries.listParts('open'));
      expect(await log.pruneDeliveries(harness.clock.now() + 1)).toBe(3);
    });

    test('SYNC-X1 receipts only move up, are of one part, and are reported once all parts are final', async () => {
      the.harness.plan = () => [
        { text: 'one', attachments: [] },
        { text: 'two', attachments: [] },
      ];
      await the.submit(receive('a', 'm1'), send('a', 's1'));
      const { deliveries } = the.log;
      const told = (part: number | null, state: 'delivered' | 'read' | 'failed', conversationId = 'a'): void =>
        deliveries.recordReceipt({ conversationId, messageIds: ['s1', 'unknown'], part, state, reason: null });
      const receipts = () => deliveries.listParts('s1').map(({ receipt }) => receipt);
      deliveries.beginAttempt('s1', 0);
      told(0, 'read');
      told(0, 'delivered');
      told(0, 'failed');
      told(1, 'read', 'b');
      expect(receipts()).toEqual(['read', null]);
      deliveries.endAttempt('s1', 0, { state: 'sent', externalId: 'x0' });
      expect(deliveries.listUnreported(10)).toEqual([]);
      deliveries.beginAttempt('s1', 1);
      deliveries.endAttempt('s1', 1, { state: 'unknown', reason: 'no-answer' });
      expect(deliveries.listUnreported(10)).toEqual(['s1']);
      const seen = deliveries.listParts('s1');
      told(null, 'delivered');
      // What came in the meantime is not said to be known.
      deliveries.markReported(seen);
      expect(receipts()).toEqual(['read', 'delivered']);
      expect(deliveries.listUnreported(10)).toEqual(['s1']);
      deliveries.markReported(deliveries.listParts('s1'));
      expect(deliveries.listUnreported(10)).toEqual([]);
      the.crashAndOpen();
      expect(the.log.deliveries.listUnreported(10)).toEqual([]);
    });

    test('SYNC-L3 SYNC-X1 after a restore what was queued is in doubt, and its order stays', async () => {
      the.harness.plan = () => [
        { text: 'one', attachments: [] },
        { text: 'two', attachments: [] },
      ];
      await the.submit(receive('a', 'm1'), receive('b', 'm2'), send('a', 's1'), send('b', 's2'), send('a', 's3'));
      const { deliveries } = the.log;
      deliveries.beginAttempt('s1', 0);
      deliveries.endAttempt('s1', 0, { state: 'sent', externalId: 'x' });
      deliveries.doubtQueued();
      const now = the.harness.clock.now();
      expect([deliveries.listDue(now, 10), deliveries.nextDueAt(0)]).toEqual([[], null]);
      const doubted = deliveries.listAttempting().map(({ messageId, part }) => `${messageId}:${part}`);
      expect(doubted).toEqual(['s1:1', 's2:0', 's2:1', 's3:0', 's3:1']);
      for (const { messageId, part } of deliveries.listAttempting().toReversed()) {
        deliveries.endAttempt(messageId, part, { state: 'queued', notBefore: 0, reason: 'x', mayHaveArrived: true });
      }
      const due = () => deliveries.listDue(now, 10).map(({ messageId, part }) => `${messageId}:${part}`);
      expect(due()).toEqual(['s1:1', 's2:0']);
      deliveries.beginAttempt('s1', 1);
      deliveries.endAttempt('s1', 1, { state: 'sent', externalId: 'y' });
      expect(due().toSorted()).toEqual(['s2:0', 's3:0']);
    });

    test('SYNC-T1 what a clock that was set back has put off is brought forward, and nothing else', async () => {
      await the.submit(receive('a', 'm1'), receive('b', 'm2'), send('a', 's1'), send('a', 's2'), send('b', 's3'));
      const { deliveries } = the.log;
      const now = the.harness.clock.now();
      for (const [messageId, notBefore] of [
        ['s1', now + 5000],
        ['s3', now + 1000],
      ] as const) {
        deliveries.beginAttempt(messageId, 0);
        deliveries.endAttempt(messageId, 0, { state: 'queued', notBefore, reason: 'busy', mayHaveArrived: false });
      }
      deliveries.bringForward(now + 4999, now - 10);
      const due = (at: number): string[] => deliveries.listDue(at, 10).map(({ messageId }) => messageId);
      expect([due(now), due(now + 1000)]).toEqual([['s1'], ['s1', 's3']]);
      expect(deliveries.nextDueAt(now)).toBe(now + 1000);
    });

    test('SYNC-X1 whether an earlier attempt may have arrived is kept until one has ended it', async () => {
      await the.submit(receive('a', 'm1'), send('a', 's1'));
      const { deliveries } = the.log;
      const again = (mayHaveArrived: boolean) => {
        deliveries.beginAttempt('s1', 0);
        deliveries.endAttempt('s1', 0, { state: 'queued', notBefore: 0, reason: 'busy', mayHaveArrived });
        return deliveries.listParts('s1')[0]!.mayHaveArrived;
      };
      expect([again(false), again(true), again(false)]).toEqual([false, true, false]);
    });

    test('SYNC-T2 a snooze puts its timer, and what ends the snooze takes it away', async () => {
      await the.submit(receive('a', 'm1'));
      const until = the.harness.clock.now() + 60_000;
      const snooze = (name: string, to: number | null) =>
        command(name, 'conversation.snooze', { conversationIds: ['a'], until: to }, lan);
      await the.submit(snooze('s1', until));
      expect(the.log.timers.nextDueAt()).toBe(until);
      expect(the.log.timers.listDue(until - 1, 10)).toEqual([]);
      await the.submit(snooze('s2', until + 5));
      const [timer] = the.log.timers.listDue(until + 5, 10);
      expect(timer).toMatchObject({ id: 'snooze:a', subject: 'conversation:a', kind: 'snooze', dueAt: until + 5 });
      the.log.timers.remove({ ...timer!, version: timer!.version - 1 });
      the.crashAndOpen();
      expect(the.log.timers.listDue(until + 5, 10)).toEqual([timer]);
      await the.submit(receive('a', 'm2'));
      expect(the.log.timers.nextDueAt()).toBeNull();
    });

    test('SYNC-S4 a snapshot is the root and its newest items; older pages join on without a hole', async () => {
      await the.submit(...Array.from({ length: 45 }, (_, index) => receive('a', `m${index}`)));
      const snapshot = await the.log.readSnapshot('conversation:a');
      expect(snapshot?.root).toEqual(the.conversation('a'));
      expect(snapshot?.asOf).toBe(the.log.head());
      expect(snapshot?.items.map(({ row }) => row.id)).toEqual(
        Array.from({ length: 30 }, (_, index) => `m${index + 15}`),
      );
      expect(snapshot?.isComplete).toBe(false);
      const before = snapshot!.items[0]!.row.position;
      const page = await the.log.readItemsBefore('conversation:a', before, 15);
      expect(page?.items.map(({ row }) => row.id)).toEqual(Array.from({ length: 15 }, (_, index) => `m${index}`));
      expect(page?.isComplete).toBe(true);
      expect((await the.log.readItemsBefore('conversation:a', before, 14))?.isComplete).toBe(false);
      expect(await the.log.readSnapshot('conversation:unknown')).toBeNull();
      expect(await the.log.readSnapshot('unknown:a')).toBeNull();
      expect((await the.log.readSnapshot('queue:sales'))?.isComplete).toBe(true);
    });

    test('SYNC-S4 all roots of a kind are listed in one view, however many', async () => {
      const ids = Array.from({ length: 1203 }, (_, index) => `c${String(index).padStart(5, '0')}`);
      await the.submit(...ids.map((id) => receive(id, `first-${id}`)));
      const listing = the.log.listRoots('conversation');
      await the.submit(receive('new', 'first-new'));
      expect((await listing).map((root) => root.id)).toEqual(ids);
      expect((await the.log.listRoots('conversation')).length).toBe(1204);
      expect(await the.log.listRoots('unknown')).toEqual([]);
    });

    test('a deleted root is gone with its row, and may come again', async () => {
      const put = (name: string) =>
        command(
          name,
          'canned-reply.put',
          { id: 'hi', fields: { shortcut: 'hi', title: 'Hi', texts: {}, queueIds: [] } },
          system,
        );
      await the.submit(put('r1'));
      const remove = command('r2', 'canned-reply.delete', { id: 'hi' }, system);
      const commits: Commit[] = [];
      the.log.onCommit((commit) => commits.push(commit));
      await the.submit(remove);
      expect(commits[0]!.touched.get('canned-reply:hi')?.after).toBeNull();
      expect(the.log.read('canned-reply:hi').root()).toBeNull();
      await the.submit(put('r3'));
      expect(the.log.read('canned-reply:hi').root()?.bornSeq).toBe(the.log.head());
    });
  });
}

const nothing: SubjectReader = { root: () => null, item: () => null };

/** As it looks after a journey through JSON. */
function plain<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

function byId(a: { id: string } | null, b: { id: string } | null): number {
  return (a?.id ?? '') < (b?.id ?? '') ? -1 : 1;
}
