import { expect, test } from 'vitest';
import { findKind } from '../../shared/domain/registry.ts';
import { openHubRig } from '../../tests/fakes/hub-rig.ts';

test('SYNC-P1 a change that its kind calls essential says so on the wire, any other says nothing', async () => {
  const rig = await openHubRig();
  const declared = findKind('queue')!.changes as Record<string, { isEssential?: boolean }>;
  const fields = { name: 'q', reopenDays: 7, keepAssigneeOnReopen: true, escalationQueueId: null };
  try {
    await rig.submit('queue.put', { id: 'a', fields });
    for (const change of Object.values(declared)) change.isEssential = true;
    await rig.submit('queue.put', { id: 'b', fields });
  } finally {
    for (const change of Object.values(declared)) delete change.isEssential;
  }
  const events = await rig.eventLog.readEvents(0, 10);
  expect(events.map(({ changes }) => changes.map(({ isEssential }) => isEssential))).toEqual([[undefined], [true]]);
  await rig.close();
});
