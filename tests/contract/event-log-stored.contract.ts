import { describe, expect, test } from 'vitest';
import { type FrameEvent, loggedEventOf } from '../../src-relay/event-log/stored-event.ts';
import { command, minh, receive, send } from './event-log-fixture.ts';
import { type EventLogHarness, openForEachTest } from './event-log-harness.ts';

export function describeStoredEvents(name: string, makeHarness: () => EventLogHarness): void {
  describe(`${name}: events as they are stored`, () => {
    const the = openForEachTest(makeHarness);

    test('SYNC-V1 events as they are stored are the same events, with the subjects of their changes', async () => {
      await the.submit(receive('a', 'm1', 'Đơn "hàng" \\ 😀'), receive('b', 'm2'), send('a', 'm3'));
      const ids = { conversationIds: ['a', 'b'] };
      await the.submit(command('move', 'conversation.move', { ...ids, queueId: 'complaints' }, minh));
      const events = await the.log.readEvents(0, 100);
      const stored = await the.log.readStoredEvents(0, 100);
      const subjectsOf = (list: readonly FrameEvent[]) =>
        list.map(({ seq, changes }) => [seq, changes.map(({ subject }) => subject)]);
      expect(subjectsOf(stored)).toEqual(subjectsOf(events));
      expect(stored.map(loggedEventOf)).toEqual(events);
      expect(events.at(-1)!.changes.length).toBeGreaterThan(1);
      const head = the.log.head();
      expect((await the.log.readStoredEvents(head - 3, 2)).map(({ seq }) => seq)).toEqual([head - 2, head - 1]);
      expect(await the.log.readStoredEvents(head, 100)).toEqual([]);
    });

    test('SYNC-L4 below the floor there are none, as for readers', async () => {
      await the.submit(receive('a', 'm1'), receive('b', 'm2'), send('a', 'm3'));
      const head = the.log.head();
      await the.log.truncate(head - 1);
      const seqsOf = (list: readonly FrameEvent[]) => list.map(({ seq }) => seq);
      expect(seqsOf(await the.log.readStoredEvents(0, 100))).toEqual([head - 1, head]);
      expect(seqsOf(await the.log.readStoredEvents(0, 1))).toEqual([head - 1]);
    });
  });
}
