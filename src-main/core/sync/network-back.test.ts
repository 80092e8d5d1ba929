import { expect, test } from 'vitest';
import { stateOf, useScriptedConsoles } from '../../../tests/fakes/scripted-consoles.ts';
import { settle } from '../../../tests/fakes/scripted-relay.ts';

const { signedIn } = useScriptedConsoles();

test('SYNC-N1 a storm of hints makes tries no more frequent, and puts none off', async () => {
  const { relay, console } = await signedIn();
  const times: number[] = [];
  relay.link.break();
  for (let elapsed = 0; elapsed < 300_000; elapsed += 500) {
    const before = relay.links.length;
    await console.request('sync.networkBack');
    await relay.advance(500);
    if (relay.links.length === before) continue;
    times.push(elapsed);
    relay.link.break();
  }
  const waits = times.slice(1).map((time, index) => time - times[index]!);
  expect(Math.max(...waits)).toBeLessThanOrEqual(30_500);
  expect(times.length).toBeLessThan(55);
  // Calm again, the next one is followed within two seconds.
  await relay.advance(70_000);
  relay.link.break();
  await settle();
  const tries = relay.links.length;
  await console.request('sync.networkBack');
  await relay.advance(2500);
  expect(relay.links.length).toBeGreaterThan(tries);
});

test('SYNC-N1 a try that hangs since before the network came back is given up for a new one', async () => {
  const { relay, console } = await signedIn();
  relay.link.break();
  await relay.advance(1000);
  expect(await stateOf(console)).toBe('connecting');
  const hanging = relay.link;
  const tries = relay.links.length;
  await console.request('sync.networkBack');
  await relay.advance(2500);
  expect(relay.links).toHaveLength(tries);
  await console.request('sync.networkBack');
  await relay.advance(2500);
  expect(hanging.isClosed).toBe(true);
  expect(relay.links).toHaveLength(tries + 1);
  await relay.tail();
  expect(await stateOf(console)).toBe('online');
});

test('SYNC-N1 what the relay wishes is waited for also when the network comes back', async () => {
  const { relay, console } = await signedIn();
  const tries = relay.links.length;
  relay.link.say('bye', { afterMs: 20_000, error: null });
  await settle();
  await console.request('sync.networkBack');
  await relay.advance(19_500);
  expect(relay.links).toHaveLength(tries);
  await relay.advance(3000);
  expect(relay.links).toHaveLength(tries + 1);
});

test('SYNC-D3 when the network changes a connection has five seconds to show that it lives', async () => {
  const { relay, console } = await signedIn();
  relay.link.break();
  await relay.advance(1000);
  await relay.tail({ protocol: 2 });
  const { link } = relay;
  await console.request('sync.networkBack');
  await console.request('sync.networkBack');
  await settle();
  const asked = link.all('lookUp');
  expect(asked).toMatchObject([{ commandIds: [] }]);
  link.say('lookedUp', { id: asked[0]!.id, answer: { ok: true, results: [] } });
  await relay.advance(6000);
  expect(relay.link).toBe(link);
  expect(await stateOf(console)).toBe('online');

  await console.request('sync.networkBack');
  await relay.advance(6500);
  expect(link.isClosed).toBe(true);
  expect(relay.link).not.toBe(link);
  await relay.tail();
  expect(await stateOf(console)).toBe('online');
});
