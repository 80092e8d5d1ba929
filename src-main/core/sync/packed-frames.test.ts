import { expect, test } from 'vitest';
import { stateOf, textsOf, useScriptedConsoles } from '../../../tests/fakes/scripted-consoles.ts';
import { settle } from '../../../tests/fakes/scripted-relay.ts';

const { signedIn } = useScriptedConsoles();

test('SYNC-S7 a frame that comes as bytes is applied and credited as any other, packed or not', async () => {
  for (const isZstd of [true, false]) {
    const { relay, console } = await signedIn();
    const credits = relay.link.all('credit').length;
    const { seq } = relay.world;
    relay.customerWrites('k1', 'trong gói');
    relay.link.packed({ from: seq, to: relay.world.seq, events: relay.eventsAfter(seq) }, isZstd);
    // The relay is told how much of the time was not the line's.
    relay.clock.advance(40);
    await settle();
    expect(await textsOf(console, 'k1')).toEqual(['alo k1', 'trong gói']);
    expect(relay.link.all('credit').slice(credits)).toMatchObject([{ cursor: relay.world.seq, heldMs: 40 }]);
    // News are told of it too.
    expect(console.pushes('arrived')).toMatchObject([{ conversationId: 'k1' }]);
    // It follows on what came before it, or the session ends.
    relay.link.packed({ from: seq, to: relay.world.seq }, isZstd);
    await settle();
    expect(relay.link.isClosed).toBe(true);
  }
});

test('SYNC-S2 of frames that come as bytes, too, one that moves no cursor is missed', async () => {
  const { relay } = await signedIn();
  relay.link.break();
  await relay.advance(1000);
  await relay.tail({ protocol: 2 });
  const { seq } = relay.world;
  const sessions = relay.links.length;
  relay.link.packed({ from: seq, to: seq, leave: ['conversation:k1'], still: 2 }, true);
  await relay.advance(1000);
  expect(relay.links).toHaveLength(sessions);
  relay.link.packed({ from: seq, to: seq, leave: ['conversation:k2'], still: 4 }, true);
  await relay.advance(1000);
  expect(relay.links.length).toBeGreaterThan(sessions);
});

test('bytes that are no frame end the session as the relay’s mistake, and nothing of them is stored', async () => {
  const { relay, console } = await signedIn();
  const { seq } = relay.world;
  const event = { ...relay.eventsAfter(0)[0]!, seq: seq + 1 };
  const wrong = [{ events: [{ ...event, actor: 'nobody' }] }, { events: [event], leave: ['k1'] }, { from: 'x' }];
  for (const fields of wrong) {
    const { link } = relay;
    link.packed({ from: seq, to: seq + 1, ...fields } as never, false);
    await settle();
    expect(link.isClosed).toBe(true);
    const status = await console.request('sync.status');
    expect([status.error?.reason, status.cursor]).toEqual(['malformed-message', seq]);
    await relay.advance(60_000);
    await relay.tail();
  }
  relay.link.sayRaw('packed', { name: 'frame', session: relay.link.hello.session, isZstd: false, bytes: 'x' });
  expect(relay.link.isClosed).toBe(true);
  await relay.advance(60_000);
  await relay.tail();
  // Of another session nobody looks into them.
  const old = relay.links[0]!.hello.session;
  relay.link.sayRaw('packed', { name: 'frame', session: old, isZstd: false, bytes: Buffer.from('x') });
  await settle();
  expect([relay.link.isClosed, await stateOf(console)]).toEqual([false, 'online']);
});
