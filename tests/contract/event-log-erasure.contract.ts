import { describe, expect, test } from 'vitest';
import { MAX_ERASED_AT_ONCE } from '../../src-relay/event-log/plan-erasure.ts';
import { loggedEventOf } from '../../src-relay/event-log/stored-event.ts';
import { command, lan, photo, receive, refusalOf, send, seqOf, system } from './event-log-fixture.ts';
import { type EventLogHarness, openForEachTest } from './event-log-harness.ts';

const SECRET = 'Chị Mai';
const SPOKEN = 'Số của chị là 0912 345 678';

const imported = (customerId: string) => ({ customerId, profile: { note: SPOKEN } });

export function describeErasure(name: string, makeHarness: () => EventLogHarness): void {
  describe(`${name}: erasure`, () => {
    const the = openForEachTest(makeHarness);
    const erase = (customerId: string, attempt = 1) =>
      command(`erase-${customerId}-${attempt}`, 'customer.erase', { customerId }, system);
    const wholeLog = async () => {
      const stored = (await the.log.readStoredEvents(0, 10_000)).map(loggedEventOf);
      expect(stored).toEqual(await the.log.readEvents(0, 10_000));
      return JSON.stringify(stored);
    };

    test('SYNC-L7 it deletes rows, rewrites events in place, and keeps the place and the ids of each', async () => {
      await the.submit(receive('a', 'm1', SPOKEN), receive('b', 'm2', 'another'), send('a', 'm3', { text: SPOKEN }));
      const escalate = { conversationId: 'a', escalationId: 'e', reason: SPOKEN };
      await the.submit(command('escalate', 'conversation.escalate', escalate, lan));
      const before = await the.log.readEvents(0, 100);
      const [result] = await the.submit(erase('customer-a'));
      const seq = seqOf(result!);
      const after = await the.log.readEvents(0, 100);
      const shapeOf = (events: typeof before) =>
        events.map(({ changes, ...event }) => ({ ...event, changes: changes.map(({ data: _data, ...rest }) => rest) }));
      expect(shapeOf(after.slice(0, -1))).toEqual(shapeOf(before));
      expect(after.at(-1)).toMatchObject({
        seq,
        changes: [
          { subject: 'conversation:a', type: 'conversation-erased', data: {} },
          { subject: 'erasure:conversation:a', type: 'subject-erased' },
          { subject: 'customer:customer-a', type: 'customer-erased', data: {} },
          { subject: 'erasure:customer:customer-a', type: 'subject-erased' },
        ],
      });
      const text = await wholeLog();
      expect(text).not.toContain(SPOKEN);
      expect(text.match(new RegExp(SECRET, 'gu'))).toHaveLength(1);
      expect(the.log.read('conversation:a').root()).toBeNull();
      expect(the.log.read('conversation:a').item('message', 'm1')).toBeNull();
      expect(the.log.read('customer:customer-a').root()).toBeNull();
      expect(await the.log.readSnapshot('conversation:b')).not.toBeNull();
      expect((await the.log.listRoots('erasure')).map(({ id }) => id)).toEqual([
        'conversation:a',
        'customer:customer-a',
      ]);
    });

    test('SYNC-L7 it is one transaction with all that belongs to it, and is there after a crash', async () => {
      await the.submit(receive('a', 'm1', SPOKEN));
      void the.log.submit(erase('customer-a'));
      // Before its turn ends.
      the.crashAndOpen();
      expect(the.log.read('customer:customer-a').root()).not.toBeNull();
      await the.submit(erase('customer-a'));
      the.crashAndOpen();
      expect(await wholeLog()).not.toContain(SPOKEN);
      expect(the.log.read('conversation:a').root()).toBeNull();
      const [again] = await the.submit(erase('customer-a'));
      expect(again!.ok).toBe(true);
      const [nobody] = await the.submit(erase('customer-a', 2));
      expect(refusalOf(nobody!)).toBe('not_found/no-such-customer');
    });

    test('SYNC-L7 deliveries, timers and files of the conversations go with them; a file that others have stays theirs', async () => {
      for (const digit of ['1', '2']) the.harness.files.add(photo(digit).fileId);
      await the.submit(
        receive('a', 'm1', SPOKEN, [photo('1'), photo('2')]),
        receive('b', 'm2', 'mine', [photo('2')]),
        send('a', 'm3', { text: SPOKEN }),
        send('b', 'm4'),
      );
      await the.submit(
        command(
          'snooze',
          'conversation.snooze',
          { conversationIds: ['a'], until: the.harness.clock.now() + 60_000 },
          lan,
        ),
      );
      expect(the.log.timers.nextDueAt()).not.toBeNull();
      const [underWay] = the.log.deliveries.listDue(the.harness.clock.now(), 10);
      the.log.deliveries.beginAttempt(underWay!.messageId, 0);
      await the.submit(erase('customer-a'));
      expect(the.log.timers.nextDueAt()).toBeNull();
      expect(the.log.deliveries.listParts('m3')).toEqual([]);
      expect(the.log.deliveries.countOpen()).toEqual(new Map([['web', 1]]));
      // What was under way comes back to a part that is not there any more.
      the.log.deliveries.endAttempt('m3', 0, { state: 'sent', externalId: 'x' });
      expect(the.log.deliveries.listUnreported(10)).toEqual([]);
      expect(the.log.listFileSubjects(photo('1').fileId)).toEqual([]);
      expect(the.log.listFileSubjects(photo('2').fileId)).toEqual(['conversation:b']);
      the.crashAndOpen();
      expect(the.log.listErasedFiles().toSorted()).toEqual([photo('1').fileId, photo('2').fileId]);
      the.log.forgetErasedFiles([photo('1').fileId]);
      expect(the.log.listErasedFiles()).toEqual([photo('2').fileId]);
    });

    test('SYNC-L7 what agents were writing there goes too, and what they cleared before leaves no text in the log', async () => {
      await the.submit(receive('a', 'm1'));
      const draft = { conversationId: 'a', agentId: 'lan', attachments: [], continues: null };
      const write = (of: string, fields: object) => command(of, 'draft.write', { ...draft, ...fields }, lan);
      const [first] = await the.submit(write('draft-1', { kind: 'reply', text: SPOKEN }));
      await the.submit(write('draft-2', { kind: 'note', text: SPOKEN }));
      await the.submit(write('draft-3', { kind: 'reply', text: '', continues: first!.id }));
      expect(await the.log.listRoots('draft')).toHaveLength(1);
      await the.submit(erase('customer-a'));
      expect(await the.log.listRoots('draft')).toEqual([]);
      expect(await wholeLog()).not.toContain(SPOKEN);
    });

    test('SYNC-L7 commands that race with it are decided by the order of the log', async () => {
      await the.submit(receive('a', 'm1'));
      const [sent, erased, late, known] = await the.submit(
        send('a', 'm2', { text: SPOKEN }),
        erase('customer-a'),
        send('a', 'm3', { text: SPOKEN }),
        send('a', 'm2', { text: SPOKEN }),
      );
      expect([sent!.ok, erased!.ok]).toEqual([true, true]);
      expect(refusalOf(late!)).toBe('gone/customer-erased');
      // Its answer was lost, and it is given again: it was executed before, once.
      expect(known).toEqual(sent);
      expect(await wholeLog()).not.toContain(SPOKEN);
    });

    test('SYNC-L7 what a channel was told before an erasure it did not know of yet brings nobody back; what it is told after begins anew', async () => {
      const late = (name: string, conversationId: string, knownSeq: number) => ({
        ...receive(conversationId, name, SPOKEN),
        knownSeq,
      });
      // On its way while the customer is erased, of a conversation and of none; then again, by the platform.
      await the.submit(
        receive('a', 'm1', SPOKEN),
        command('import', 'customer.import', imported('customer-b'), system),
      );
      const before = the.log.head();
      const [, known, , fresh] = await the.submit(
        erase('customer-a'),
        late('m2', 'a', before),
        erase('customer-b'),
        late('m3', 'b', before),
      );
      expect([refusalOf(known!), refusalOf(fresh!)]).toEqual(['gone/customer-erased', 'gone/customer-erased']);
      expect(await wholeLog()).not.toContain(SPOKEN);
      expect(await the.log.listRoots('customer')).toEqual([]);
      const [again, back] = await the.submit(late('m3', 'b', the.log.head()), late('m4', 'b', the.log.head()));
      expect(refusalOf(again!)).toBe('gone/customer-erased');
      expect(back).toMatchObject({ ok: true });
      // Somebody else under the same id: neither is told what was on its way to the one before.
      const [stale] = await the.submit(late('m5', 'b', before));
      expect(refusalOf(stale!)).toBe('gone/customer-erased');
      expect(the.log.read('customer:customer-b').root()).toMatchObject({ note: null, bornSeq: seqOf(back!) });
    });

    test('SYNC-L7 of a customer with more conversations than one event carries, a part is erased at a time', async () => {
      const customer = {
        id: 'busy',
        identity: { channelId: 'web', externalId: 'busy', isVerified: false },
        profile: { name: SPOKEN },
      };
      const rest = { channelId: 'web', customer, conversationId: null, text: SPOKEN, writtenAt: 1 };
      const count = MAX_ERASED_AT_ONCE + 1;
      const receives = Array.from({ length: count }, (_, index) =>
        command(
          `busy-${index}`,
          'message.receive',
          { ...rest, newConversationId: `c${index}`, messageId: `busy-${index}` },
          system,
        ),
      );
      await the.submit(...receives);
      const [first] = await the.submit(erase('busy'));
      expect(first).toMatchObject({ ok: true, output: { remaining: 2 } });
      // What is known of them goes with the first part, and a timer sees to the rest.
      expect(the.log.read('customer:busy').root()).toMatchObject({ name: null, identities: [] });
      expect(the.log.timers.listDue(0, 10)).toMatchObject([{ kind: 'erase-rest', subject: 'customer:busy' }]);
      const [second] = await the.submit(erase('busy', 2));
      expect(second).toMatchObject({ ok: true, output: { remaining: 0 } });
      expect(the.log.read('customer:busy').root()).toBeNull();
      expect(the.log.timers.nextDueAt()).toBeNull();
      expect(await wholeLog()).not.toContain(SPOKEN);
      expect(await the.log.listRoots('conversation')).toEqual([]);
    });
  });
}
