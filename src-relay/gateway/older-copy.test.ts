import { expect, test } from 'vitest';
import { furnish, receive } from '../../tests/fakes/desk-writes.ts';
import { LinkedConsole, openHubRig } from '../../tests/fakes/hub-rig.ts';

test('SYNC-L3 SYNC-X1 a log that turns out to be an older copy doubts what waits to be sent before it has a new name', async () => {
  const rig = await openHubRig();
  await furnish(rig);
  const conversationId = await receive(rig, { text: 'Shop ơi' });
  const messageId = rig.newId();
  const sent = await rig.eventLog.submit({
    command: {
      id: rig.newId(),
      type: 'message.send',
      v: 1,
      args: { conversationId, messageId, text: 'Dạ', attachments: [], writtenAt: 1 },
      base: { foreignPublicSeq: rig.eventLog.head() },
    },
    by: { kind: 'agent', agentId: 'lan' },
    isDelayed: false,
  });
  expect(sent).toMatchObject({ ok: true });
  const stateOf = () => rig.eventLog.deliveries.listParts(messageId)[0]!.state;

  const ahead = new LinkedConsole(rig, 'lan');
  ahead.connect();
  await rig.settle();
  ahead.deliver();
  const { epoch } = rig.eventLog;
  expect(ahead.replica.epoch).toBe(epoch);
  ahead.cut();
  ahead.replica.cursor += 1000;

  // As long as it cannot be noted, the console stays ahead, and comes again.
  const { doubtDeliveries } = rig.hub.parts;
  rig.hub.parts.doubtDeliveries = () => {
    throw new Error('the disk is full');
  };
  ahead.connect();
  await rig.settle();
  ahead.deliver();
  expect(ahead.messages('bye').at(-1)).toMatchObject({ error: { kind: 'retry' } });
  expect([rig.eventLog.epoch, stateOf()]).toEqual([epoch, 'queued']);
  ahead.cut();

  rig.hub.parts.doubtDeliveries = doubtDeliveries;
  ahead.connect();
  await rig.settle();
  ahead.deliver();
  expect(ahead.messages('welcome').at(-1)).toMatchObject({ mode: 'reset' });
  expect(rig.eventLog.epoch).not.toBe(epoch);
  expect(stateOf()).toBe('attempting');
  await rig.close();
});
