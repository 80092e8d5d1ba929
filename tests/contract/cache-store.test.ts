import { afterEach, describe, expect, test, vi } from 'vitest';
import { positionOf } from '../../shared/domain/subject/subject-kind.ts';
import type { SubjectSnapshot } from '../../shared/relay-protocol/frames.ts';
import { CacheReader } from '../../src-main/core/cache/cache-reader.ts';
import { isDamage } from '../../src-main/core/cache/open-database.ts';
import { EPOCH, SESSION, eventOf, snapshotOf } from '../fakes/cache-rig.ts';
import { removeFolders } from '../fakes/console-process.ts';
import { DomainWorld, webChat } from '../fakes/domain-world.ts';
import type { SeenSubject } from '../simulation/stores/memory-reader.ts';
import { CacheProcess, cacheHarnesses } from './cache-harness.ts';
import { fc } from '../fakes/properties.ts';

// Real files, on a machine that may be busy with something else.
afterEach(removeFolders);

function customerWrites(world: DomainWorld, k: string, messageId: string): void {
  const customer = {
    id: `c-${k}`,
    identity: { channelId: 'web', externalId: k, isVerified: false },
    profile: { name: `Chị ${k}` },
  };
  const args = {
    channelId: 'web',
    customer,
    conversationId: k,
    newConversationId: k,
    messageId,
    text: `tin ${messageId}`,
  };
  world.must('message.receive', { ...args, writtenAt: 0 }, { by: webChat });
}

const eventsOf = (world: DomainWorld, after = 0) => world.log.slice(after).map((changes) => eventOf(changes));

function snapshotOfConversation(world: DomainWorld, k: string, ids: string[], isComplete: boolean): SubjectSnapshot {
  const items = ids.map((one) => ({ table: 'message', row: { ...world.message(one) } }));
  return snapshotOf(`conversation:${k}`, world.conversation(k), items, { isComplete });
}

describe.each(cacheHarnesses)('cache in $name', ({ make }) => {
  test('SYNC-S2 a frame is whole or not at all, also when something in it cannot be applied', () => {
    const disk = make();
    const world = DomainWorld.withDesk();
    customerWrites(world, 'k1', 'm1');
    const one = new CacheProcess(disk);
    one.apply({ events: eventsOf(world) });
    const before = one.everything();
    const wrong = snapshotOfConversation(world, 'k1', ['m1'], true);
    // Two items in one place: nothing that the relay sends, but it must not leave half a frame.
    const twins = ['a', 'b'].map((id) => ({ table: 'message', row: { ...world.message('m1'), id, position: 7 } }));
    const enter = [{ ...wrong, root: { ...wrong.root, asOf: 99 }, items: twins }];
    expect(() => one.apply({ to: 99, leave: ['customer:c-k1'], enter })).toThrow(/UNIQUE/u);
    expect(one.everything()).toEqual(before);
    expect(one.apply({ to: 99, leave: ['conversation:k1'] })).toMatchObject({ isApplied: true });
    expect(one.apply({ from: 3, to: 100 })).toEqual({ isApplied: false, cursor: 99, from: 3, isAfterLost: false });
    expect(one.see('conversation:k1')).toEqual({ root: null, items: [] });
    one.close();
  });

  test('SYNC-O1 what was committed is there after a kill; what nobody closed is to be checked', () => {
    const disk = make();
    const world = DomainWorld.withDesk();
    customerWrites(world, 'k1', 'm1');
    const one = new CacheProcess(disk);
    expect(one.state).toBe('made');
    one.apply({ events: eventsOf(world) });
    const before = one.everything();
    disk.kill();
    const two = new CacheProcess(disk);
    expect([two.state, two.everything()]).toEqual(['kept, not closed', before]);
    two.close();
    const three = new CacheProcess(disk);
    expect([three.state, three.everything()]).toEqual(['kept', before]);
    three.close();
  });

  test('SYNC-S4 a snapshot beside the cache counts when it is whole and swapped, and not before', () => {
    const disk = make();
    const world = DomainWorld.withDesk();
    customerWrites(world, 'k1', 'm1');
    let one = new CacheProcess(disk);
    one.apply({ events: eventsOf(world) });
    customerWrites(world, 'k2', 'm2');
    const page = (number: number, subjects: SubjectSnapshot[], isLast: boolean) =>
      one.writer.applyPage(
        { session: SESSION, page: number, startSeq: world.seq, subjects, totalSubjects: 1, isLast } as never,
        EPOCH,
        7,
      );
    const subjects = [snapshotOfConversation(world, 'k2', ['m2'], true)];
    one.writer.beginSnapshot();
    page(0, subjects, false);
    disk.kill();
    one = new CacheProcess(disk);
    expect([one.texts('k1'), one.texts('k2')]).toEqual([['tin m1'], []]);
    one.writer.beginSnapshot();
    expect(page(0, subjects, true)).toMatchObject({ isReadyToSwap: true, touched: [] });
    one.reader.close();
    expect(one.writer.swap()).toMatchObject({ cursor: world.seq, heldSince: 7 });
    one.reader.open();
    expect([one.texts('k1'), one.texts('k2')]).toEqual([[], ['tin m2']]);
    disk.kill();
    const two = new CacheProcess(disk);
    expect(two.texts('k2')).toEqual(['tin m2']);
    two.close();
  });

  test('SYNC-S4 half a first snapshot is thrown away', () => {
    const disk = make();
    const world = DomainWorld.withDesk();
    customerWrites(world, 'k1', 'm1');
    const one = new CacheProcess(disk);
    one.writer.beginSnapshot();
    const subjects = [snapshotOfConversation(world, 'k1', ['m1'], true)];
    const page = { session: SESSION, page: 0, startSeq: 9, subjects, totalSubjects: 2, isLast: false };
    expect(one.writer.applyPage(page as never, EPOCH, 7)).toMatchObject({ touched: ['conversation:k1'] });
    expect(one.texts('k1')).toEqual(['tin m1']);
    disk.kill();
    const two = new CacheProcess(disk);
    expect([two.state, two.texts('k1'), two.writer.position().epoch]).toEqual(['made', [], null]);
    two.close();
  });

  test('SYNC-F2 a damaged cache is noticed, moved aside and begun anew', () => {
    const disk = make();
    const world = DomainWorld.withDesk();
    const one = new CacheProcess(disk);
    one.apply({ events: eventsOf(world) });
    one.close();
    disk.damage();
    let code: unknown = null;
    const two = new CacheProcess(disk);
    try {
      two.everything();
    } catch (error) {
      code = error;
    }
    expect(code === null || isDamage(code)).toBe(true);
    expect([two.state, two.writer.position().cursor]).toEqual(['rebuilt', 0]);
    two.close();
  });

  test('SYNC-R1 pending rows lie over confirmed ones, in their places, and go when they are contained', () => {
    const world = DomainWorld.withDesk();
    customerWrites(world, 'k1', 'm1');
    const one = new CacheProcess(make());
    one.apply({ events: eventsOf(world) });
    const args = { conversationId: 'k1', text: 'dạ', attachments: [], messageId: 'own', writtenAt: 1 };
    const prepared = one.reader.prepare('message.send', args, 'c1', world.now);
    const command = { id: 'c1', n: 1, type: 'message.send', after: null, clientAt: 0, ...prepared };
    one.reader.addPending({ command, at: world.now } as never);
    const seen = one.see('conversation:k1');
    expect(one.texts('k1')).toEqual(['tin m1', 'dạ']);
    expect(seen.items.map(({ commandId }) => commandId)).toEqual([null, 'c1']);
    // The relay made it, and something else before it.
    customerWrites(world, 'k1', 'm2');
    world.must('message.send', args, { commandId: 'c1', base: { foreignPublicSeq: world.seq } });
    const sent = eventOf(world.log.at(-1)!, 'c1');
    one.apply({ events: [...eventsOf(world).slice(0, -1), { ...sent, actor: 'agent:lan' }] });
    expect(one.texts('k1')).toEqual(['tin m1', 'tin m2', 'dạ']);
    expect(one.see('conversation:k1').items.map(({ commandId }) => commandId)).toEqual([null, null, null]);
    expect(one.reader.removePending(['c1'])).toEqual(['conversation:k1']);
    one.close();
  });

  test('INV-9 what is pending is shown again after a cache that could be opened and not be read', () => {
    const world = DomainWorld.withDesk();
    customerWrites(world, 'k1', 'm1');
    const disk = make();
    const one = new CacheProcess(disk);
    one.apply({ events: eventsOf(world) });
    let isDamaged = false;
    const { openReader } = disk.open();
    const reader = new CacheReader(() => {
      const store = openReader();
      if (isDamaged) {
        vi.spyOn(store, 'transact').mockImplementation(() => {
          throw new Error('database disk image is malformed');
        });
      }
      return store;
    }, 'lan');
    reader.open();
    const args = { conversationId: 'k1', text: 'dạ', attachments: [], messageId: 'own', writtenAt: 1 };
    const prepared = reader.prepare('message.send', args, 'c1', world.now);
    const command = { id: 'c1', n: 1, type: 'message.send', after: null, clientAt: 0, ...prepared };
    reader.addPending({ command, at: world.now } as never);
    const shown = () => (reader.query('see', 'conversation:k1') as SeenSubject).items.map(({ row }) => row.id);
    expect(shown()).toEqual(['m1', 'own']);

    reader.close();
    isDamaged = true;
    expect(shown).toThrow(/exchanged/u);
    expect(() => reader.open()).toThrow(/malformed/u);
    isDamaged = false;
    reader.open();
    expect(shown()).toEqual(['m1', 'own']);
    reader.close();
    one.close();
  });
});

const CONVERSATIONS = ['k1', 'k2', 'k3'];
const k = fc.constantFrom(...CONVERSATIONS);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('write'), k, n: fc.nat(3) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('frame', 'send'), k, n: fc.nat(6) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('leave', 'enter', 'older', 'wanted'), k, n: fc.nat(6) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('remove', 'dirty', 'kill', 'reset'), k, n: fc.nat(3) }) },
);

/** Everything a relay could send, in any order, to a cache and to its twin. */
class Twins {
  readonly world = DomainWorld.withDesk();
  readonly disks = cacheHarnesses.map(({ make }) => make());
  processes = this.disks.map((disk) => new CacheProcess(disk));
  #messages = new Map<string, string[]>();
  #sent = 0;

  constructor() {
    this.both((process) => process.apply({ events: eventsOf(this.world) }));
  }

  both(work: (process: CacheProcess) => unknown): void {
    const [a, b] = this.processes.map((process) => {
      try {
        return work(process);
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(b).toEqual(a);
  }

  /** All from some events before the cursor on: a frame may repeat what is known. */
  #frame(cursor: number, overlap: number): void {
    const events = eventsOf(this.world).filter(({ seq }) => seq > cursor - overlap);
    this.both((process) => process.apply({ to: Math.max(cursor, this.world.seq), events }));
  }

  step(one: { do: string; k: string; n: number }): void {
    const ids = this.#messages.get(one.k) ?? [];
    const isBorn = ids.length > 0;
    const cursor = this.processes[0]!.writer.position().cursor;
    switch (one.do) {
      case 'write': {
        this.#messages.set(one.k, [...ids, `m${this.world.seq}`]);
        customerWrites(this.world, one.k, `m${this.world.seq}`);
        // Most are told at once.
        if (one.n > 0) this.#frame(cursor, one.n);
        return;
      }
      case 'frame':
        return this.#frame(cursor, one.n);
      case 'leave':
        return this.both((process) => process.apply({ leave: [`conversation:${one.k}`] }));
      case 'enter':
        if (!isBorn) return;
        return this.both((process) =>
          process.apply({ enter: [snapshotOfConversation(this.world, one.k, ids.slice(one.n), one.n === 0)] }),
        );
      case 'older':
      case 'wanted': {
        if (!isBorn) return;
        const snapshot = snapshotOfConversation(this.world, one.k, ids.slice(0, one.n), true);
        const before = one.do === 'wanted' ? null : this.world.message(ids[Math.min(one.n, ids.length - 1)]!).position;
        return this.both((process) => process.writer.applyWanted(snapshot, before));
      }
      case 'send': {
        this.#sent += 1;
        const [id, n] = [`own${this.#sent}`, this.#sent];
        const args = { conversationId: one.k, text: id, attachments: [], messageId: id, writtenAt: 1 };
        return this.both(({ reader }) => {
          const { args: parsed, base, subjects } = reader.prepare('message.send', args, id, this.world.now);
          const command = { id, n, type: 'message.send', v: 1, after: null, clientAt: 0, args: parsed, base, subjects };
          reader.addPending({ command, at: this.world.now } as never);
        });
      }
      case 'remove':
        return this.both(({ reader }) => reader.removePending([`own${one.n}`]));
      case 'dirty': {
        const seq = Math.max(cursor, this.world.seq) + 1;
        const subject = `conversation:${one.k}` as const;
        const changes = [{ index: 0, subject, type: 'conversation-enchanted', v: 1, data: {} }];
        const event = { seq: positionOf(seq, 0), at: 1, actor: 'system:x' as const, commandId: 'x', changes };
        return this.both((process) => process.apply({ to: cursor, events: [event] }));
      }
      case 'kill':
        this.processes.forEach((process, index) => {
          this.disks[index]!.kill();
          try {
            process.close();
          } catch {
            // A dead process cannot close anything.
          }
        });
        this.processes = this.disks.map((disk) => new CacheProcess(disk));
        return this.both(({ state }) => state);
      default: {
        const enter = CONVERSATIONS.filter((one_) => this.#messages.has(one_)).map((one_) =>
          snapshotOfConversation(this.world, one_, this.#messages.get(one_)!.slice(-3), false),
        );
        const page = {
          session: SESSION,
          page: 0,
          startSeq: this.world.seq,
          subjects: enter,
          totalSubjects: 1,
          isLast: true,
        };
        return this.both(({ writer, reader }) => {
          reader.close();
          writer.beginSnapshot();
          const { isReadyToSwap } = writer.applyPage(page as never, EPOCH, 3);
          if (isReadyToSwap) writer.swap();
          reader.open();
          return isReadyToSwap;
        });
      }
    }
  }
}

test('a cache in memory and one in a file are the same, whatever comes', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 50, size: 'max' }), (steps) => {
      const twins = new Twins();
      for (const one of steps) {
        twins.step(one);
        twins.both((process) => process.see(`conversation:${one.k}`));
      }
      twins.both((process) => process.everything());
      for (const process of twins.processes) process.close();
      removeFolders();
    }),
    { numRuns: 20 },
  );
});
