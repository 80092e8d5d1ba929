import { describe, expect, test } from 'vitest';
import { subjectKinds } from '../../shared/domain/registry.ts';
import { type ItemRow, subjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { SubjectSnapshot } from '../../shared/relay-protocol/frames.ts';
import type { EventLog } from '../../src-relay/event-log/event-log.ts';
import { seededRandom } from '../fakes/manual-clock.ts';
import { Replica } from '../fakes/replica.ts';
import { command, lan, receive, send, system } from './event-log-fixture.ts';
import { type EventLogHarness, openForEachTest } from './event-log-harness.ts';

const CONVERSATIONS = ['a', 'b', 'c'];

export function describeFloor(name: string, makeHarness: () => EventLogHarness): void {
  describe(`${name}: what is forgotten`, () => {
    const the = openForEachTest(makeHarness);

    test.each([1, 2, 3, 4])(
      'SYNC-L4 INV-2 INV-7 readers behind a floor that moves at random end where those end that read everything (seed %i)',
      async (seed) => {
        const random = seededRandom(seed);
        const below = (limit: number): number => Math.floor(random.fraction() * limit);
        await the.submit(...CONVERSATIONS.map((id) => receive(id, `first-${id}`)));
        const readers = Array.from({ length: 4 }, () => new Replica());
        let snapshots = 0;
        for (let step = 0; step < 150; step += 1) {
          const what = random.fraction();
          const conversationId = CONVERSATIONS[below(CONVERSATIONS.length)]!;
          if (what < 0.3) await the.submit(receive(conversationId, `m${step}`));
          else if (what < 0.5) await the.submit(send(conversationId, `m${step}`));
          else if (what < 0.6) await the.submit(moveAll(step, below(2) === 0 ? 'sales' : 'complaints'));
          else if (what < 0.65) await the.submit(putOrDeleteReply(step));
          else if (what < 0.75) {
            const floor = the.log.floor();
            await the.log.truncate(floor + below(the.log.head() - floor + 2));
            expect(the.log.floor()).toBeLessThanOrEqual(the.log.head());
          } else if (what < 0.8) the.crashAndOpen();
          else {
            // While it reads, others write, and the floor may move.
            const reading = catchUp(the.log, readers[below(readers.length)]!);
            const writing = the.log.submit(receive(conversationId, `during-${step}`));
            const forgetting = below(3) === 0 ? the.log.truncate(the.log.head()) : Promise.resolve();
            if ((await reading) === 'snapshot') snapshots += 1;
            await Promise.all([writing, forgetting]);
          }
        }
        expect(snapshots).toBeGreaterThan(2);
        for (const reader of readers) {
          while ((await catchUp(the.log, reader)) === 'gap');
          expect(reader.cursor).toBe(the.log.head());
          await expectSame(the.log, reader);
        }
      },
    );

    test('SYNC-L4 INV-7 what is left of the log is whole: from the floor to the head without a gap, after a death as well', async () => {
      await the.submit(...Array.from({ length: 1200 }, (_, index) => receive('a', `m${index}`)));
      const head = the.log.head();
      // Forgets in several steps, and dies between them.
      void the.log.truncate(head - 20).catch(() => {});
      the.crashAndOpen();
      const floor = the.log.floor();
      expect([0, head - 21]).toContain(floor);
      const rest = await the.log.readEvents(floor, 2000);
      expect(rest.map(({ seq }) => seq)).toEqual(Array.from({ length: head - floor }, (_, index) => floor + 1 + index));
      // The next time takes what was left behind.
      await the.log.truncate(head - 9);
      expect((await the.log.readEvents(0, 2000)).map(({ seq }) => seq)[0]).toBe(head - 9);
    });
  });
}

/** Goes on from the reader's cursor, or begins anew where that is below the floor. */
async function catchUp(log: EventLog, reader: Replica): Promise<'tail' | 'snapshot' | 'gap'> {
  const frame = { session: '', leave: [], enter: [], isCatchUp: true };
  if (reader.cursor >= log.floor()) {
    const events = await log.readEvents(reader.cursor, 1000);
    if (events.length > 0 && events[0]!.seq !== reader.cursor + 1) return 'gap';
    reader.apply({ ...frame, from: reader.cursor, to: events.at(-1)?.seq ?? reader.cursor, events });
    return 'tail';
  }
  const startSeq = log.head();
  const subjects: SubjectSnapshot[] = [];
  for (const kind of subjectKinds) {
    for (const { id } of await log.listRoots(kind.name)) {
      const snapshot = await log.readItemsBefore(subjectRef(kind.name, id), Number.MAX_SAFE_INTEGER, 1000);
      if (snapshot !== null) subjects.push(snapshot);
    }
  }
  reader.applyPage({ session: '', page: 0, startSeq, subjects, totalSubjects: subjects.length, isLast: true });
  return 'snapshot';
}

async function expectSame(log: EventLog, reader: Replica): Promise<void> {
  let subjects = 0;
  for (const kind of subjectKinds) {
    for (const root of await log.listRoots(kind.name)) {
      const subject = subjectRef(kind.name, root.id);
      const snapshot = await log.readItemsBefore(subject, Number.MAX_SAFE_INTEGER, 1000);
      expect(plain(reader.root(subject))).toEqual(plain(root));
      expect(plain(reader.items<ItemRow>(subject))).toEqual(plain(snapshot!.items.map(({ row }) => row)));
      subjects += 1;
    }
  }
  expect(reader.subjects.size).toBe(subjects);
}

function moveAll(step: number, queueId: string) {
  return command(`move-${step}`, 'conversation.move', { conversationIds: CONVERSATIONS, queueId }, lan);
}

/** Makes a canned reply, or deletes the one there is. */
function putOrDeleteReply(step: number) {
  const fields = { shortcut: 'hi', title: `Hi ${step}`, texts: {}, queueIds: [] };
  return step % 2 === 0
    ? command(`reply-${step}`, 'canned-reply.put', { id: 'hi', fields }, system)
    : command(`reply-${step}`, 'canned-reply.delete', { id: 'hi' }, system);
}

/** As it looks after a journey through JSON. */
function plain<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}
