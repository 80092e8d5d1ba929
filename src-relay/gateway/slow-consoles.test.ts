import { expect, test } from 'vitest';
import { EMPTY_HELLO, useHubDesk } from '../../tests/fakes/hub-desk.ts';
import { differences } from '../../tests/fakes/hub-rig.ts';

const desk = useHubDesk();
const { connect, putAgent, receive, settle } = desk;

/** A console that acknowledges all and keeps nothing but how far it is. */
function connectLight(agentId: string): { cursor: number; catchUps: number } {
  const light = { cursor: 0, catchUps: 0 };
  const session = desk.rig.newId();
  const peer = desk.rig.hub.connect(
    {
      send: (name, message) => {
        if (name === 'frame') light.cursor = (message as { to: number }).to;
        const { isCatchUp, wantsCredit } = message as { isCatchUp?: boolean; wantsCredit?: boolean };
        light.catchUps += isCatchUp === true ? 1 : 0;
        if (name !== 'page' && isCatchUp !== true && wantsCredit !== true) return;
        desk.rig.clock.after(1, () => peer.receive('credit', { session, cursor: 0 }));
      },
      sendVolatile: () => {},
      backlogBytes: () => 0,
      end: () => {},
    },
    { agentId, sessionId: agentId },
  );
  peer.receive('hello', { ...EMPTY_HELLO, device: desk.rig.newId(), session });
  return light;
}

test('SYNC-N2 INV-14 a console that reads too slowly gets no more until it has read, then all of it from the log', async () => {
  const one = await connect('lan');
  const conversationId = await receive('first');
  await desk.rig.settle();
  // One frame is under way and counts as more than a megabyte.
  one.backlogFactor = 1_000_000;
  expect(one.underWay.length).toBeGreaterThan(0);
  const waiting = one.underWay.length;
  for (let index = 0; index < 50; index += 1) {
    await receive(`line ${index}`, conversationId);
    await desk.rig.settle();
  }
  expect(one.underWay.length).toBe(waiting);
  one.deliver();
  one.backlogFactor = 0;
  desk.rig.clock.advance(200);
  await settle(one);
  expect(await differences(desk.rig, one)).toEqual([]);
  expect(one.messages('frame').some(({ isCatchUp, events }) => isCatchUp && events.length > 0)).toBe(true);
});

test('SYNC-N2 INV-14 a console that reads but does not apply is sent a bounded amount, then goes on from the log', async () => {
  const one = await connect('lan');
  const conversationId = await receive('first');
  await settle(one);
  let sent = 0;
  const text = 'x'.repeat(3900);
  for (let index = 0; index < 600; index += 1) {
    await receive(`${index} ${text}`, conversationId);
    sent += text.length;
    desk.rig.clock.advance(10);
    if (index % 20 === 0) await desk.rig.settle();
  }
  await desk.rig.settle();
  const underWay = JSON.stringify(one.underWay).length;
  expect(sent).toBeGreaterThan(2_000_000);
  expect(underWay).toBeGreaterThan(1_000_000);
  expect(underWay).toBeLessThan(1_500_000);
  // More than credits of a catch-up allow is never added to that.
  await receive('more', conversationId);
  desk.rig.clock.advance(1000);
  await desk.rig.settle();
  expect(JSON.stringify(one.underWay).length).toBe(underWay);
  await settle(one);
  desk.rig.clock.advance(200);
  await settle(one);
  desk.rig.clock.advance(200);
  await settle(one);
  expect(await differences(desk.rig, one)).toEqual([]);
  expect(one.messages('frame').some(({ wantsCredit }) => wantsCredit === true)).toBe(true);
});

test('SYNC-N2 INV-14 one slow reader among two hundred: the others get each line at once, and its buffer is bounded', async () => {
  const conversationId = await receive('first');
  const slow = await connect('lan');
  const agents = Array.from({ length: 200 }, (_, index) => `agent-${index}`);
  for (const id of agents) await putAgent(id);
  const others = agents.map((id) => connectLight(id));
  // Eight of them at a time.
  while (others.some(({ cursor }) => cursor < desk.rig.eventLog.head())) await settle(slow);
  const catchUps = others.map((one) => one.catchUps);
  const text = 'x'.repeat(30_000);
  const waiting: number[] = [];
  for (let line = 0; line < 50; line += 1) {
    await receive(`${line} ${text}`, conversationId);
    desk.rig.clock.advance(20);
    await desk.rig.settle();
    waiting.push(JSON.stringify(slow.underWay).length);
    // In the turn of its commit, whatever the slow one does.
    expect(new Set(others.map(({ cursor }) => cursor))).toEqual(new Set([desk.rig.eventLog.head()]));
  }
  expect(Math.max(...waiting)).toBeLessThan(1_500_000);
  expect(waiting.at(-1)).toBe(waiting.at(-10));
  expect(others.map((one) => one.catchUps)).toEqual(catchUps);
  for (let turn = 0; turn < 3; turn += 1) {
    await settle(slow);
    desk.rig.clock.advance(200);
  }
  await settle(slow);
  expect(await differences(desk.rig, slow)).toEqual([]);
});

test('SYNC-N2 a console that keeps up is hardly ever asked for a credit', async () => {
  const one = await connect('lan');
  const conversationId = await receive('first');
  for (let index = 0; index < 100; index += 1) {
    await receive(`line ${index}`, conversationId);
    desk.rig.clock.advance(10);
    one.deliver();
  }
  await settle(one);
  expect(one.messages('frame').filter(({ wantsCredit }) => wantsCredit === true)).toEqual([]);
  expect(await differences(desk.rig, one)).toEqual([]);
});
