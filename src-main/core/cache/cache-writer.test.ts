import fs from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Conversation } from '../../../shared/domain/conversation/conversation.ts';
import type { Message } from '../../../shared/domain/conversation/message.ts';
import { positionOf } from '../../../shared/domain/subject/subject-kind.ts';
import { SetDigest } from '../../../shared/primitives/set-digest.ts';
import type { SubjectSnapshot } from '../../../shared/relay-protocol/frames.ts';
import { CacheRig, EPOCH, SESSION, eventOf, snapshotOf } from '../../../tests/fakes/cache-rig.ts';
import { removeFolders } from '../../../tests/fakes/console-process.ts';
import { DomainWorld, webChat } from '../../../tests/fakes/domain-world.ts';
import { fc } from '../../../tests/fakes/properties.ts';

// Real files and sockets, on a machine that may be busy with something else.
afterEach(removeFolders);

function customerWrites(world: DomainWorld, conversationId: string, messageId: string, text: string): void {
  const identity = { channelId: 'web', externalId: conversationId, isVerified: false };
  const customer = { id: `c-${conversationId}`, identity, profile: { name: `Chị ${conversationId}` } };
  const args = {
    channelId: 'web',
    customer,
    conversationId,
    newConversationId: conversationId,
    messageId,
    text,
    writtenAt: 0,
  };
  world.must('message.receive', args, { by: webChat });
}

function eventsOf(world: DomainWorld, after = 0) {
  return world.log.slice(after).map((changes) => eventOf(changes));
}

/** A conversation with its newest `count` messages, as the relay would send it. */
function snapshotOfConversation(
  world: DomainWorld,
  id: string,
  messageIds: string[],
  isComplete = true,
): SubjectSnapshot {
  const items = messageIds.map((one) => ({ table: 'message', row: { ...world.message(one) } }));
  return snapshotOf(`conversation:${id}`, world.conversation(id), items, { isComplete });
}

test('SYNC-S2 a frame is applied with its cursor, and one that does not follow on it is not', () => {
  const world = DomainWorld.withDesk();
  customerWrites(world, 'k1', 'm1', 'đơn hàng đâu rồi');
  const rig = new CacheRig().open();
  const events = eventsOf(world);
  expect(rig.apply({ events })).toMatchObject({ isApplied: true, cursor: world.seq });
  expect(rig.apply({ from: 3, to: world.seq + 1 })).toEqual({
    ...{ isApplied: false, cursor: world.seq },
    ...{ from: 3, isAfterLost: false },
  });
  // A range in which nothing concerns the agent moves the cursor all the same.
  expect(rig.apply({ to: world.seq + 50 })).toMatchObject({ cursor: world.seq + 50, touched: [] });
  expect(rig.texts('k1')).toEqual(['đơn hàng đâu rồi']);
  rig.close();
});

test('SYNC-S2 of a frame with one item that cannot be stored nothing is stored', () => {
  const world = DomainWorld.withDesk();
  for (let index = 0; index < 40; index += 1) customerWrites(world, 'k1', `m${index}`, `tin ${index}`);
  const rig = new CacheRig().open();
  rig.apply({ events: eventsOf(world) });
  const texts = Array.from({ length: 40 }, (_, index) => `tin ${index}`);
  expect(rig.texts('k1')).toEqual(texts);
  const from = world.seq;
  for (let index = 40; index < 60; index += 1) customerWrites(world, 'k1', `m${index}`, `tin ${index}`);
  const events = eventsOf(world, from);
  // A conversation with an item at the place of one that is held.
  const snapshot = snapshotOfConversation(world, 'k1', ['m0']);
  const root = { ...snapshot.root, id: 'k2' };
  const enter = [{ ...snapshot, subject: 'conversation:k2' as const, root }];
  expect(() => rig.apply({ from, enter, events })).toThrow('UNIQUE constraint failed');
  expect([rig.texts('k1'), rig.writer.position().cursor]).toEqual([texts, from]);
  expect(rig.query('search.run', { text: 'tin', limit: 100 })).toHaveLength(40);
  rig.writer.settle();
  rig.apply({ from, events });
  expect(rig.texts('k1')).toHaveLength(60);
  expect(rig.query('search.run', { text: 'tin', limit: 100 })).toHaveLength(60);
  rig.close();
});

test('SYNC-L2 however often and however cut the same events come, the rows are the same', () => {
  const world = DomainWorld.withDesk();
  for (let index = 0; index < 12; index += 1) customerWrites(world, `k${index % 3}`, `m${index}`, `tin ${index}`);
  world.must('conversation.close', { conversationIds: ['k0', 'k1'] }, { base: { customerSeqs: { k0: 999, k1: 999 } } });
  const events = eventsOf(world);
  const whole = new CacheRig().open();
  whole.apply({ events });
  const expected = [whole.texts('k0'), whole.texts('k1'), whole.texts('k2'), whole.list('open'), whole.list('closed')];
  const digest = whole.writer.heldDigest();
  whole.close();

  fc.assert(
    fc.property(fc.array(fc.nat(events.length), { maxLength: 6 }), fc.nat(events.length), (cuts, overlap) => {
      const rig = new CacheRig().open();
      let from = 0;
      for (const cut of [...cuts.sort((a, b) => a - b), events.length]) {
        // A frame may repeat what a snapshot contained already.
        const start = Math.max(0, from - overlap);
        const to = events[cut - 1]?.seq ?? 0;
        rig.apply({ to: Math.max(to, rig.writer.position().cursor), events: events.slice(start, cut) });
        from = cut;
      }
      const seen = [rig.texts('k0'), rig.texts('k1'), rig.texts('k2'), rig.list('open'), rig.list('closed')];
      expect(seen).toEqual(expected);
      expect(rig.writer.heldDigest()).toEqual(digest);
      rig.close();
      removeFolders();
    }),
    { numRuns: 15 },
  );
});

test('SYNC-S1 the digest is that of the refs held, kept up to date by enters, births and leaves', () => {
  const world = DomainWorld.withDesk();
  const rig = new CacheRig().open();
  rig.writer.heldDigest();
  customerWrites(world, 'k1', 'm1', 'alo');
  customerWrites(world, 'k2', 'm2', 'alo');
  rig.apply({ events: eventsOf(world) });
  rig.apply({ leave: ['conversation:k1', 'conversation:never-held'] });
  const fresh = new SetDigest();
  for (const kind of ['queue', 'agent', 'channel', 'customer', 'conversation']) {
    for (const id of rig.writer.heldIds(kind, '', 1000)) fresh.add(`${kind}:${id}`);
  }
  expect(rig.writer.heldIds('conversation', '', 10)).toEqual(['k2']);
  expect(rig.writer.heldDigest()).toEqual(fresh.value());
  expect(rig.writer.heldDigest().count).toBe(3 + 2 + 7 + 2 + 1);
  rig.close();
});

test.each(['with the delete', 'without it'])('SYNC-V2 INV-6 what was left is nowhere on the disk (%s)', (how) => {
  const world = DomainWorld.withDesk();
  const secret = 'mật-khẩu zzsecretword của khách';
  customerWrites(world, 'k1', 'm1', secret);
  customerWrites(world, 'k2', 'm2', 'tin thường');
  for (let index = 3; index < 60; index += 1) customerWrites(world, `k${index % 5}`, `m${index}`, `tin số ${index}`);
  const rig = new CacheRig().open();
  rig.apply({ events: eventsOf(world) });
  rig.writer.putFile('f'.repeat(64), 'conversation:k1', [Buffer.from('zzfilecontent')], 1);
  rig.list('open');
  rig.apply(how === 'with the delete' ? { leave: ['conversation:k1'] } : { leave: [] });
  // The write-ahead log keeps old pages until it is begun anew.
  const logSize = fs.statSync(path.join(rig.path, 'cache.db-wal')).size;
  expect(logSize === 0).toBe(how === 'with the delete');
  rig.close();
  const content = rig.decryptedContent();
  expect(content.includes('tin thường'.slice(0, 3))).toBe(true);
  const isThere = [secret, 'zzsecretword', 'zzfilecontent'].map((text) =>
    content.includes(Buffer.from(text).toString('latin1')),
  );
  expect(isThere).toEqual(how === 'with the delete' ? [false, false, false] : [true, true, true]);
});

test('SYNC-P1 a change this version does not know marks its subject, and fetching it again heals it', () => {
  const world = DomainWorld.withDesk();
  customerWrites(world, 'k1', 'm1', 'alo');
  const rig = new CacheRig().open();
  rig.apply({ events: eventsOf(world) });
  const strange = { index: 0, subject: 'conversation:k1' as const, type: 'conversation-enchanted', v: 1, data: {} };
  const stranger = { index: 1, subject: 'unicorn:1' as const, type: 'unicorn-born', v: 1, data: {} };
  const seq = world.seq + 1;
  const event = { seq, at: 1, actor: 'system:x' as const, commandId: 'x', changes: [strange, stranger] };
  expect(rig.apply({ to: seq, events: [event] })).toMatchObject({ isApplied: true, cursor: seq });
  expect(rig.writer.dirtySubjects(10)).toEqual(['conversation:k1']);
  const root: Conversation = { ...world.conversation('k1'), tags: ['enchanted'], asOf: seq };
  const item = { table: 'message', row: { ...world.message('m1') } };
  expect(rig.writer.applyWanted(snapshotOf('conversation:k1', root, [item]), null)).toBe(true);
  expect(rig.writer.dirtySubjects(10)).toEqual([]);
  expect(rig.query('conversation.get', { conversationId: 'k1' }).tags).toEqual(['enchanted']);
  rig.close();
});

test('SYNC-S5 older pages extend the window downwards, and it never spans a hole', () => {
  const world = DomainWorld.withDesk();
  for (let index = 0; index < 9; index += 1) customerWrites(world, 'k1', `m${index}`, `tin ${index}`);
  const rig = new CacheRig().open();
  const base = eventsOf(world).filter(
    ({ changes }) => !changes.some(({ subject }) => subject.startsWith('conversation:')),
  );
  rig.apply({ to: world.seq, events: base, enter: [snapshotOfConversation(world, 'k1', ['m6', 'm7', 'm8'], false)] });
  const page = () => rig.query('message.list', { conversationId: 'k1', before: null, after: null, limit: 50 });
  const first = world.message('m6').position;
  expect(page()).toMatchObject({ hasOlder: true, missingBefore: first });

  const older = (ids: string[], isComplete: boolean) => snapshotOfConversation(world, 'k1', ids, isComplete);
  expect(rig.writer.applyWanted(older(['m3', 'm4', 'm5'], false), first)).toBe(true);
  expect(rig.texts('k1')).toEqual(['tin 3', 'tin 4', 'tin 5', 'tin 6', 'tin 7', 'tin 8']);
  // A page that ends below the window would leave a hole: it is not taken.
  rig.writer.applyWanted(older(['m0'], true), world.message('m1').position);
  expect(rig.texts('k1')[0]).toBe('tin 3');
  expect(rig.writer.applyWanted(older(['m0', 'm1', 'm2'], true), world.message('m3').position)).toBe(true);
  expect(page()).toMatchObject({ hasOlder: false, missingBefore: null });
  expect(rig.texts('k1')).toHaveLength(9);

  // Fetched anew after it was away for long: what is held and what came do not touch, so the window begins anew.
  customerWrites(world, 'k1', 'm9', 'tin 9');
  customerWrites(world, 'k1', 'm10', 'tin 10');
  rig.apply({ to: world.seq, enter: [snapshotOfConversation(world, 'k1', ['m10'], false)] });
  expect(rig.texts('k1')).toEqual(['tin 10']);
  expect(page().missingBefore).toBe(world.message('m10').position);
  expect(rig.query('search.run', { text: 'tin', limit: 50 })).toHaveLength(1);
  rig.close();
});

test('an answer that was overtaken by a frame is not taken', () => {
  const world = DomainWorld.withDesk();
  customerWrites(world, 'k1', 'm1', 'một');
  const rig = new CacheRig().open();
  const stale = snapshotOfConversation(world, 'k1', ['m1']);
  customerWrites(world, 'k1', 'm2', 'hai');
  rig.apply({ events: eventsOf(world) });
  expect(rig.writer.applyWanted(stale, null)).toBe(false);
  expect(rig.texts('k1')).toEqual(['một', 'hai']);
  rig.close();
});

test('SYNC-S4 a snapshot is built beside the old rows, and replay over it changes nothing twice', () => {
  const world = DomainWorld.withDesk();
  customerWrites(world, 'k1', 'm1', 'cũ');
  const rig = new CacheRig().open();
  rig.apply({ events: eventsOf(world) });
  const startSeq = world.seq;
  // Fuzzy: what is read later in the snapshot contains what came meanwhile.
  customerWrites(world, 'k2', 'm2', 'mới');
  const page = (number: number, subjects: SubjectSnapshot[], isLast: boolean) =>
    rig.writer.applyPage({ session: SESSION, page: number, startSeq, subjects, totalSubjects: 2, isLast }, EPOCH, 7);
  rig.writer.beginSnapshot();
  expect(page(0, [snapshotOfConversation(world, 'k1', ['m1'])], false).isReadyToSwap).toBe(false);
  expect(rig.texts('k1')).toEqual(['cũ']);
  expect(page(1, [snapshotOfConversation(world, 'k2', ['m2'])], true).isReadyToSwap).toBe(true);
  rig.reader.close();
  expect(rig.writer.swap()).toMatchObject({ epoch: EPOCH, cursor: startSeq, heldSince: 7 });
  rig.reader.open();
  rig.apply({ events: eventsOf(world, startSeq) });
  expect(rig.texts('k1')).toEqual(['cũ']);
  expect(rig.texts('k2')).toEqual(['mới']);
  expect(rig.query('search.run', { text: 'moi', limit: 5 })).toHaveLength(1);
  rig.close();
});

test('two messages of one id in two conversations stop nobody', () => {
  const world = DomainWorld.withDesk();
  customerWrites(world, 'k1', 'm1', 'một');
  customerWrites(world, 'k2', 'm2', 'hai');
  const rig = new CacheRig().open();
  rig.apply({ events: eventsOf(world) });
  const twin: Message = {
    ...world.message('m1'),
    subjectId: 'k2',
    position: positionOf(world.seq + 1, 0),
    text: 'song sinh',
  };
  const root = { ...world.conversation('k2'), asOf: world.seq + 1 };
  rig.apply({
    to: world.seq + 1,
    enter: [snapshotOf('conversation:k2', root, [{ table: 'message', row: { ...twin, asOf: world.seq + 1 } }])],
  });
  expect(rig.texts('k1')).toEqual(['một']);
  expect(rig.texts('k2')).toEqual(['song sinh']);
  rig.close();
});
