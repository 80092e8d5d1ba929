import fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ERASED_REASON } from '../../shared/domain/erasure/erasure.ts';
import { makeErrorBody } from '../../shared/errors.ts';
import { isDamage } from '../../src-main/core/cache/open-database.ts';
import { openEncryptedDatabase } from '../../src-main/core/encrypted-database.ts';
import type { NewCommand } from '../../src-main/core/outbox/command-store.ts';
import type { Outbox } from '../../src-main/core/outbox/outbox.ts';
import { SqliteOutbox } from '../../src-main/core/outbox/sqlite-outbox.ts';
import { TEST_KEYS, makeFolder, removeFolders } from '../fakes/console-process.ts';
import { MemoryDisk } from '../simulation/stores/memory-disk.ts';
import { MemoryOutbox } from '../simulation/stores/memory-outbox.ts';
import { fc } from '../fakes/properties.ts';

// Real files, on a machine that may be busy with something else.
afterEach(removeFolders);

const DAY_MS = 24 * 60 * 60 * 1000;
const OWN = { version: null, edition: null, isOwn: true };
const NOW = 1_700_000_000_000;
const REFUSAL = makeErrorBody('conflict', 'relay', 'Somebody else was first.', { reason: 'assigned-meanwhile' });

/** One kind of outbox: opened, and opened again as after a kill −9. */
interface Harness {
  name: string;
  make(): { open(now?: number): Outbox; kill(): void };
}

function counter(): () => string {
  let made = 0;
  return () => `device-${(made += 1)}`;
}

const harnesses: Harness[] = [
  {
    name: 'SQLite',
    make: () => {
      let folder = makeFolder('liendesk-outbox-');
      const makeId = counter();
      const open = (file: string) => {
        const database = openEncryptedDatabase(file, TEST_KEYS.outbox, 'write');
        return database;
      };
      return {
        open: (now = NOW) => SqliteOutbox.open({ file: path.join(folder, 'outbox.db'), open, isDamage, now, makeId }),
        // What the process had written is in the files, closed or not.
        kill: () => {
          const copy = makeFolder('liendesk-outbox-');
          fs.cpSync(folder, copy, { recursive: true, filter: (source) => !source.endsWith('-shm') });
          folder = copy;
        },
      };
    },
  },
  {
    name: 'memory',
    make: () => {
      const disk = new MemoryDisk();
      const makeId = counter();
      return { open: (now = NOW) => new MemoryOutbox(disk, now, makeId), kill: () => disk.crash() };
    },
  },
];

function command(id: string, rest: Partial<NewCommand> = {}): NewCommand {
  return {
    ...{ id, type: 'message.send', v: 1, subjects: ['conversation:k1'], args: { text: `text of ${id}` }, after: null },
    ...{ clientAt: NOW, at: NOW, fileIds: [] },
    ...rest,
  };
}

const close = (id: string, after: string, subjects = ['conversation:k1'] as NewCommand['subjects']) =>
  command(id, { type: 'conversation.close', args: { conversationIds: ['k1'] }, after, subjects });

/** Everything an outbox tells. */
function everythingIn(outbox: Outbox, ids: readonly string[]): unknown {
  const { commands, drafts, settings, session, files } = outbox;
  return {
    open: commands.listOpen(),
    refused: commands.listRefused(),
    found: ids.map((id) => [commands.find(id), commands.findRefused(id), commands.listBlockedBy(id)]),
    numbers: [commands.ackedN(), commands.nextN()],
    acknowledged: commands.listAcknowledgedBeyond(0),
    drafts: [drafts.listConversations().sort(), drafts.listFiles().sort(), drafts.get('k1', 'reply')],
    rest: [settings.get('a'), settings.listSeen().sort(), session.get(), files.find('f1')],
  };
}

describe.each(harnesses)('outbox in $name', ({ make }) => {
  test('SYNC-O1 SYNC-C1 what was written is there after a kill, with its numbers', () => {
    const disk = make();
    const outbox = disk.open();
    const device = outbox.device.id();
    expect(outbox.commands.add(command('c1', { base: { seq: 3 } }))).toMatchObject({ state: 'waiting', attempts: 0 });
    outbox.commands.add(command('c2', { fileIds: ['f1'] }));
    outbox.drafts.save({
      ...{ conversationId: 'k1', kind: 'reply', text: 'dở dang', caret: 3, updatedAt: 1, ...OWN },
      attachments: [{ fileId: 'f2', name: 'a.png', mediaType: 'image/png', size: 3 }],
    });
    outbox.settings.set('a', { b: [1, null] });
    outbox.settings.markSeen('k1', 7);
    outbox.session.set({ relayUrl: 'http://r', email: 'e', agentId: 'lan', refreshToken: 't' });
    outbox.files.add({ id: 'f1', name: 'a', mediaType: 'b', size: 5 }, [Buffer.from('hel'), Buffer.from('lo')], NOW);
    const before = everythingIn(outbox, ['c1', 'c2']);
    disk.kill();
    const again = disk.open();
    expect(everythingIn(again, ['c1', 'c2'])).toEqual(before);
    expect(again.device.id()).toBe(device);
    expect(again.commands.listOpen().map(({ command: { n } }) => n)).toEqual([1, 2]);
    expect(again.commands.find('c1')?.command).toEqual({
      ...command('c1', { base: { seq: 3 } }),
      n: 1,
      at: undefined,
      fileIds: undefined,
    });
    expect(Buffer.from(again.files.read('f1', 1, 3)).toString()).toBe('ell');
    expect(again.drafts.listFiles()).toEqual(['f2']);
    again.close();
  });

  test('an id is taken once', () => {
    const outbox = make().open();
    outbox.commands.add(command('c1'));
    expect(() => outbox.commands.add(command('c1'))).toThrow(/UNIQUE/u);
    expect([outbox.commands.nextN(), outbox.commands.listOpen().length]).toEqual([2, 1]);
    outbox.close();
  });

  test('SYNC-C3 acknowledged is all below the first that has no result; a renewed device keeps counting', () => {
    const outbox = make().open();
    for (const id of ['c1', 'c2', 'c3']) outbox.commands.add(command(id));
    outbox.commands.markSent(['c1', 'c2']);
    expect(outbox.commands.ackedN()).toBe(0);
    outbox.commands.confirm([{ id: 'c2', seq: 12 }]);
    expect(outbox.commands.ackedN()).toBe(0);
    outbox.commands.refuse('c1', REFUSAL, NOW);
    expect(outbox.commands.ackedN()).toBe(2);
    const before = outbox.device.id();
    outbox.device.renew();
    expect(outbox.device.id()).not.toBe(before);
    expect(outbox.commands.nextN()).toBe(4);
    outbox.close();
  });

  test('SYNC-R3 SYNC-R4 a command is settled or refused once, and what was typed is in one place', () => {
    const disk = make();
    const outbox = disk.open();
    for (const id of ['c1', 'c2']) outbox.commands.add(command(id));
    outbox.commands.markSent(['c1', 'c2']);
    outbox.commands.confirm([{ id: 'c1', seq: 9 }]);
    // What was confirmed is not confirmed elsewhere.
    outbox.commands.confirm([{ id: 'c1', seq: 99 }]);
    expect(outbox.commands.find('c1')).toMatchObject({ state: 'confirmed', seq: 9, attempts: 1 });
    outbox.commands.settle(['c1'], NOW);
    expect(outbox.commands.refuse('c2', REFUSAL, NOW + 1)).toEqual([]);
    expect(outbox.commands.refuse('unknown', REFUSAL, NOW)).toEqual([]);
    expect(outbox.commands.listOpen()).toEqual([]);
    disk.kill();
    const again = disk.open();
    expect(again.commands.listRefused()).toMatchObject([
      { command: { id: 'c2', n: 2, args: { text: 'text of c2' } }, error: REFUSAL, at: NOW + 1 },
    ]);
    expect(again.commands.find('c2')).toBeNull();
    expect(again.commands.find('c1')).toMatchObject({ state: 'settled' });
    again.close();
  });

  test('SYNC-O3 what waits for a refused reply is blocked with it, and decided with it', () => {
    const outbox = make().open();
    outbox.commands.add(command('reply'));
    outbox.commands.add(command('reply2'));
    outbox.commands.add(close('close', 'reply2'));
    outbox.commands.add(close('other', 'elsewhere', ['conversation:k2']));
    expect(outbox.commands.refuse('reply', REFUSAL, NOW)).toEqual(['close']);
    expect(outbox.commands.find('close')).toMatchObject({ state: 'blocked', blockedBy: 'reply' });
    expect(outbox.commands.ackedN()).toBe(1);
    expect(outbox.commands.refuse('reply2', REFUSAL, NOW)).toEqual([]);
    outbox.commands.passBlockedOn('reply');
    expect(outbox.commands.listBlockedBy('reply')).toEqual([]);
    expect(outbox.commands.listBlockedBy('reply2')).toMatchObject([{ command: { id: 'close' } }]);
    const entries = outbox.commands.resolve('reply2', [command('again'), close('close again', 'again')], NOW);
    expect(entries.map(({ command: { id, n }, state }) => [id, n, state])).toEqual([
      ['again', 5, 'waiting'],
      ['close again', 6, 'waiting'],
    ]);
    expect(outbox.commands.find('close')).toBeNull();
    expect(outbox.commands.findRefused('reply2')).toMatchObject({ isResolved: true });
    expect(outbox.commands.findRefused('close')).toMatchObject({ isResolved: true, command: { n: 3 } });
    expect(outbox.commands.listRefused().map(({ command: { id } }) => id)).toEqual(['reply']);
    outbox.prune(NOW + 31 * DAY_MS);
    expect(outbox.commands.findRefused('close')).toBeNull();
    outbox.close();
  });

  test('SYNC-L7 of what an erased customer’s reply blocked nothing is kept', () => {
    const outbox = make().open();
    outbox.commands.add(command('reply'));
    outbox.commands.add(close('close', 'reply'));
    outbox.commands.refuse('reply', { ...REFUSAL, reason: ERASED_REASON }, NOW);
    outbox.commands.resolve('reply', [], NOW);
    const { commands } = outbox;
    expect(['reply', 'close'].flatMap((id) => [commands.find(id), commands.findRefused(id)])).toEqual([
      ...[null, null, null, null],
    ]);
    outbox.close();
  });

  test('SYNC-C8 only what was never sent is taken back, with what waits for it', () => {
    const outbox = make().open();
    outbox.commands.add(command('reply'));
    outbox.commands.add(close('close', 'reply'));
    outbox.commands.add(command('sent'));
    outbox.commands.markSent(['sent']);
    expect(outbox.commands.removeUnsent('sent')).toEqual([]);
    expect(outbox.commands.removeUnsent('unknown')).toEqual([]);
    expect(outbox.commands.removeUnsent('reply')).toEqual(['reply', 'close']);
    expect(outbox.commands.listOpen().map(({ command: { id } }) => id)).toEqual(['sent']);
    outbox.close();
  });

  test('SYNC-O6 what a restored relay lost is found by its seq and comes back; settled ones are forgotten after a month', () => {
    const disk = make();
    const outbox = disk.open();
    for (const id of ['c1', 'c2', 'c3']) outbox.commands.add(command(id));
    outbox.commands.confirm([
      { id: 'c1', seq: 5 },
      { id: 'c2', seq: 6 },
    ]);
    outbox.commands.settle(['c1', 'c2'], NOW);
    expect(outbox.commands.listAcknowledgedBeyond(5)).toEqual(['c2']);
    expect(outbox.commands.newestAcknowledged()).toEqual({ commandId: 'c2', n: 2, seq: 6 });
    expect(outbox.commands.reclaim(['c2', 'c3', 'unknown'], REFUSAL, NOW)).toEqual(['c2']);
    expect(outbox.commands.find('c2')).toBeNull();
    expect(outbox.commands.newestAcknowledged()).toEqual({ commandId: 'c1', n: 1, seq: 5 });
    expect(outbox.commands.listRefused()).toMatchObject([{ command: { id: 'c2' } }]);
    outbox.commands.resolve('c2', [], NOW);
    outbox.close();
    // The clock of a machine that is years ahead takes nothing away.
    disk.open(NOW + 9 * 365 * DAY_MS).close();
    const soon = disk.open(NOW + 29 * DAY_MS);
    expect([soon.commands.find('c1'), soon.commands.findRefused('c2')]).not.toContain(null);
    soon.prune(NOW + 31 * DAY_MS);
    expect([soon.commands.find('c1'), soon.commands.findRefused('c2')]).toEqual([null, null]);
    expect(soon.commands.find('c3')).not.toBeNull();
    soon.close();
  });

  test('SYNC-A1 files go when nobody needs them any more', () => {
    const disk = make();
    const outbox = disk.open();
    const file = (id: string) => ({ id, name: id, mediaType: 'text/plain', size: 1 });
    for (const id of ['drafted', 'unsent', 'refused', 'sent']) outbox.files.add(file(id), [Buffer.from('x')], NOW);
    outbox.files.add(file('sent'), [Buffer.from('another')], NOW);
    outbox.files.setUploaded('sent', true);
    const attachments = (fileId: string) => [{ fileId, name: 'x', mediaType: 'text/plain', size: 1 }];
    outbox.drafts.save({
      ...{ conversationId: 'k1', kind: 'note', text: '', caret: 0, updatedAt: 1, ...OWN },
      attachments: attachments('drafted'),
    });
    outbox.commands.add(command('c1', { fileIds: ['unsent'] }));
    outbox.commands.add(command('c2', { args: { attachments: attachments('refused') }, fileIds: ['refused'] }));
    outbox.commands.refuse('c2', REFUSAL, NOW);
    outbox.prune(NOW + DAY_MS - 1);
    expect(outbox.files.find('sent')).toEqual({ ...file('sent'), isUploaded: true });
    outbox.prune(NOW + DAY_MS + 1);
    const kept = ['drafted', 'unsent', 'refused', 'sent'].filter((id) => outbox.files.find(id) !== null);
    expect(kept).toEqual(['drafted', 'unsent', 'refused']);
    expect(outbox.files.read('sent', 0, 10)).toHaveLength(0);
    outbox.close();
  });

  test('drafts and marks', () => {
    const outbox = make().open();
    const place = { conversationId: 'k1', kind: 'reply' as const };
    const draft = { ...place, text: 'a', caret: 1, attachments: [], updatedAt: 1, ...OWN };
    outbox.drafts.save(draft);
    outbox.drafts.save({ ...draft, kind: 'note', text: 'b' });
    expect([outbox.drafts.has('k1'), outbox.drafts.listConversations()]).toEqual([true, ['k1']]);
    // What waits to be cleared elsewhere is kept, but nothing is written there.
    outbox.drafts.save({ ...draft, conversationId: 'k2', text: '' });
    expect([outbox.drafts.get('k2', 'reply')?.isOwn, outbox.drafts.has('k2')]).toEqual([true, false]);
    outbox.drafts.save({ ...draft, text: '', isOwn: false });
    expect([outbox.drafts.get('k1', 'reply'), outbox.drafts.has('k1')]).toEqual([null, true]);
    expect(outbox.drafts.list().map(({ conversationId, kind }) => `${conversationId} ${kind}`)).toEqual([
      ...['k1 note', 'k2 reply'],
    ]);
    expect([outbox.drafts.forget(['k2']), outbox.drafts.get('k2', 'reply')]).toEqual([[], null]);
    expect(outbox.drafts.get('k1', 'note')).toEqual({ ...draft, kind: 'note', text: 'b' });
    expect([outbox.settings.markSeen('k1', 5), outbox.settings.markSeen('k1', 4)]).toEqual([true, false]);
    expect(outbox.settings.listSeen()).toEqual([['k1', 5]]);
    expect([outbox.settings.forgetSeenBeyond(5), outbox.settings.forgetSeenBeyond(2)]).toEqual([[], ['k1']]);
    expect(outbox.settings.listSeen()).toEqual([['k1', 2]]);
    outbox.settings.markSeen('k2', 3);
    for (const ids of [[], ['k1', 'k3']]) outbox.settings.forgetSeen(ids);
    expect(outbox.settings.listSeen()).toEqual([['k2', 3]]);
    expect([outbox.settings.get('never'), outbox.settings.set('a', undefined), outbox.settings.get('a')]).toEqual([
      ...[null, undefined, null],
    ]);
    outbox.session.set({ relayUrl: 'r', email: 'e', agentId: 'a', refreshToken: 't' });
    outbox.session.clear();
    expect(outbox.session.get()).toBeNull();
    outbox.close();
  });
});

const IDS = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5'];
const id = fc.constantFrom(...IDS);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('add'), id, at: fc.nat(2), after: fc.option(id) }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom('sent', 'confirm', 'settle', 'refuse', 'remove'), id, at: fc.nat(9) }),
  },
  fc.record({ do: fc.constantFrom('pass', 'resolve', 'again', 'reclaim', 'kill', 'prune'), id, at: fc.nat(9) }),
);
type Step = { do: string; id: string; at: number; after?: string | null };

/** @returns what the step answered, or that it failed */
function run(outbox: Outbox, one: Step, number: number): unknown {
  const { commands } = outbox;
  try {
    // No console does either, and what would become of the day on which it was settled is not said.
    if (['sent', 'refuse'].includes(one.do) && commands.find(one.id)?.state === 'settled') return 'is settled';
    switch (one.do) {
      case 'add': {
        const subjects = [`conversation:k${one.at}`] as NewCommand['subjects'];
        const after = one.after ?? null;
        return commands.add(after === null ? command(one.id, { subjects }) : close(one.id, after, subjects));
      }
      case 'sent':
        return commands.markSent([one.id]);
      case 'confirm':
        return commands.confirm([{ id: one.id, seq: one.at + 1 }]);
      case 'settle':
        return commands.settle([one.id], NOW + one.at);
      case 'refuse':
        return commands.refuse(one.id, REFUSAL, NOW + number);
      case 'remove':
        return commands.removeUnsent(one.id);
      case 'pass':
        return commands.passBlockedOn(one.id);
      case 'resolve':
        return commands.resolve(one.id, [], NOW);
      case 'again':
        return commands.resolve(one.id, [command(`again-${number}`)], NOW);
      case 'reclaim':
        return commands.reclaim(commands.listAcknowledgedBeyond(one.at), REFUSAL, NOW + number);
      default:
        return outbox.prune(NOW + one.at * 5 * DAY_MS);
    }
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

test('an outbox in memory and one in a file are the same, whatever is done to them', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
      const [file, memory] = harnesses.map(({ make }) => make()) as [
        ReturnType<Harness['make']>,
        ReturnType<Harness['make']>,
      ];
      let [a, b] = [file.open(), memory.open()];
      for (const [number, one] of (steps as Step[]).entries()) {
        if (one.do === 'kill') {
          file.kill();
          memory.kill();
          a.close();
          [a, b] = [file.open(), memory.open()];
        } else expect([number, run(b, one, number)]).toEqual([number, run(a, one, number)]);
      }
      const ids = [...IDS, ...steps.map((_step, number) => `again-${number}`)];
      expect(everythingIn(b, ids)).toEqual(everythingIn(a, ids));
      a.close();
      removeFolders();
    }),
    { numRuns: 120 },
  );
});
