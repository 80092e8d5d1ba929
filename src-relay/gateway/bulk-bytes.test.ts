import { zstdDecompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { LoggedEvent, SnapshotPage } from '../../shared/relay-protocol/frames.ts';
import { scanStoredEvents } from '../event-log/scan-stored-events.ts';
import type { StoredEvent } from '../event-log/stored-event.ts';
import { BulkBytes } from './bulk-bytes.ts';
import { type GatheredFrame, frameOf } from './frame-writer.ts';

const event = (seq: number): LoggedEvent => ({
  ...{ seq, at: 1, actor: 'agent:lan', commandId: 'c' },
  changes: ['a', 'b'].map((id, index) => ({
    ...{ index, subject: `conversation:${id}` as const, type: 'note-added', v: 1 },
    data: { text: `${seq} "đơn" 😀` },
  })),
});
const stored = (seq: number): StoredEvent => scanStoredEvents(Buffer.from(JSON.stringify(event(seq))))[0]!;
const snapshot = { subject: 'queue:q', asOf: 3, root: { id: 'q', asOf: 3, bornSeq: 1 }, items: [], isComplete: true };
const frame = (events: GatheredFrame['events'], fields: Partial<GatheredFrame> = {}): GatheredFrame => ({
  ...{ session: 'one', from: 1, to: 9, leave: [], enter: [], events, isCatchUp: true },
  ...fields,
});

test('SYNC-S7 a frame is the bytes of its JSON without the session, whether its events were parsed or not', () => {
  const partial = stored(4).withOnly(stored(4).changes.slice(1));
  const enter = [snapshot] as unknown as GatheredFrame['enter'];
  for (const message of [
    frame([event(2), stored(3), partial, event(5)]),
    frame([stored(2)]),
    frame([], { leave: ['conversation:đ'], enter, still: 2 }),
    frame([partial], { wantsCredit: true, isCatchUp: false }),
  ]) {
    const bulk = { name: 'frame', message } as const;
    const bytes = new BulkBytes().make(bulk, false);
    const { session: _, ...rest } = frameOf(message);
    expect(JSON.parse(bytes.toString())).toEqual(rest);
    expect(zstdDecompressSync(new BulkBytes().make(bulk, true)).equals(bytes)).toBe(true);
  }
  const page = { session: 'one', page: 0, startSeq: 3, subjects: [snapshot], totalSubjects: 1, isLast: true };
  const { session: _, ...rest } = page;
  const bytes = new BulkBytes().make({ name: 'page', message: page as unknown as SnapshotPage }, false);
  expect(JSON.parse(bytes.toString())).toEqual(rest);
});

test('SYNC-N1 what many consoles get is written and packed once', () => {
  const bulks = new BulkBytes();
  const events = [stored(2), stored(3)];
  const make = (message: GatheredFrame, isPacked: boolean) => bulks.make({ name: 'frame', message }, isPacked);
  const [plain, packed] = [make(frame(events), false), make(frame(events), true)];
  expect(make(frame([...events], { session: 'other' }), false)).toBe(plain);
  expect(make(frame([...events], { session: 'other' }), true)).toBe(packed);
  // Equal, of events that were read anew.
  expect(make(frame([stored(2), stored(3)]), true)).toBe(packed);
  expect(make(frame(events, { to: 10 }), false)).not.toBe(plain);
  bulks.forget();
  expect(make(frame(events), false)).not.toBe(plain);
});
