import { expect, test } from 'vitest';
import { findKind } from '../../shared/domain/registry.ts';
import { putQueue } from '../../tests/fakes/desk-writes.ts';
import { openHubRig } from '../../tests/fakes/hub-rig.ts';

test('SYNC-P1 a change that its kind calls essential says so on the wire, any other says nothing', async () => {
  const rig = await openHubRig();
  const declared = findKind('queue')!.changes as Record<string, { isEssential?: boolean }>;
  try {
    await putQueue(rig, 'a');
    for (const change of Object.values(declared)) change.isEssential = true;
    await putQueue(rig, 'b');
  } finally {
    for (const change of Object.values(declared)) delete change.isEssential;
  }
  const events = await rig.eventLog.readEvents(0, 10);
  expect(events.map(({ changes }) => changes.map(({ isEssential }) => isEssential))).toEqual([[undefined], [true]]);
  await rig.close();
});
