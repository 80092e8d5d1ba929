import { expect, test } from 'vitest';
import { putAgent, putChannel, putQueue } from '../../tests/fakes/desk-writes.ts';
import { type HubRig, LinkedConsole, differences, openHubRig } from '../../tests/fakes/hub-rig.ts';

const SEEDS = 80;
const SECRET = 'Chị Mai 0912 345 678';

async function receive(rig: HubRig, customerId: string, round: number, text: string): Promise<void> {
  const identity = { channelId: 'web', externalId: customerId, isVerified: false };
  const customer = { id: customerId, identity, profile: { name: text } };
  const conversationId = `${customerId}-${round}`;
  const rest = { channelId: 'web', conversationId, newConversationId: conversationId, text, writtenAt: 1 };
  await rig.submit('message.receive', { ...rest, customer, messageId: rig.newId() });
}

/** Delivers and waits, at random, so often. */
async function goOn(rig: HubRig, one: LinkedConsole, steps: number): Promise<void> {
  for (let step = 0; step < steps; step += 1) {
    if (rig.random.fraction() < 0.5) one.deliver(1);
    else if (rig.random.fraction() < 0.3) rig.clock.advance(3);
    else await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** @returns how many messages went out after the erasure, and how many had something of the customer before it */
async function eraseAmidCatchUp(seed: number): Promise<{ before: number; after: number }> {
  const rig = await openHubRig(seed);
  await putQueue(rig, 'sales');
  await putQueue(rig, 'returns');
  await putChannel(rig, 'web', 'sales');
  await putAgent(rig, 'lan', { queueIds: ['sales'] });
  const one = new LinkedConsole(rig, 'lan');
  const isTail = seed % 2 === 0;
  if (isTail) {
    // Out of sight, and to come into it as snapshots while the console is away.
    for (let round = 0; round < 6; round += 1) await receive(rig, 'mai', round, SECRET);
    const conversationIds = Array.from({ length: 6 }, (_, round) => `mai-${round}`);
    await rig.submit('conversation.move', { conversationIds, queueId: 'returns' });
    one.connect();
    for (let round = 0; round < 10; round += 1) {
      await rig.settle();
      one.deliver();
    }
    one.cut();
    if (seed % 4 === 0) await rig.submit('conversation.move', { conversationIds, queueId: 'sales' });
  }
  for (let round = 0; round < 8; round += 1) {
    for (const customerId of ['mai', 'an', 'binh']) {
      await receive(rig, customerId, round % 6, customerId === 'mai' ? SECRET : 'hello');
    }
    await rig.submit('customer.update', { customerId: 'mai', profile: { note: `${SECRET} ${round}` } });
  }
  one.connect();
  await goOn(rig, one, Math.floor(rig.random.fraction() * 60));
  await rig.submit('customer.erase', { customerId: 'mai' });
  // Who comes back is somebody else under the same id.
  if (rig.random.fraction() < 0.5) await receive(rig, 'mai', 9, 'hello');
  const sentBefore = [...one.received, ...one.underWay];
  await goOn(rig, one, 40);
  for (let round = 0; round < 40; round += 1) {
    if (round === 25) rig.clock.advance(20_000);
    await rig.settle();
    one.deliver();
    if (round > 4 && one.underWay.length === 0 && one.replica.cursor === rig.eventLog.head()) break;
  }
  const sentAfter = one.received.slice(sentBefore.length);
  expect(JSON.stringify(sentAfter), `seed ${seed}`).not.toContain(SECRET);
  expect(await differences(rig, one), `seed ${seed}`).toEqual([]);
  one.cut();
  await rig.close();
  return { before: JSON.stringify(sentBefore).split(SECRET).length - 1, after: sentAfter.length };
}

test('SYNC-L7 what a catch-up has gathered or is reading of a customer who is erased meanwhile goes nowhere', async () => {
  let [before, after] = [0, 0];
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const sent = await eraseAmidCatchUp(seed);
    before += Number(sent.before > 0);
    after += Number(sent.after > 0);
  }
  // In some it was too late, in others early enough.
  expect(before).toBeGreaterThan(5);
  expect(SEEDS - before).toBeGreaterThan(5);
  expect(after).toBeGreaterThan(SEEDS / 2);
});
