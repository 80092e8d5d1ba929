import { expect, test } from 'vitest';
import { receive } from '../../../tests/fakes/desk-writes.ts';
import { useLinkedCores } from '../../../tests/fakes/linked-cores.ts';

const { openRig, openCore } = useLinkedCores();

test('of what was escalated twice both escalations are shown, with where each came from', async () => {
  const rig = await openRig(['lan']);
  await receive(rig, { text: 'alo', newConversationId: 'k1' });
  const lan = await openCore(rig);
  for (const reason of ['đòi bồi thường', 'vượt hạn mức']) {
    await lan.request('conversation.escalate', { conversationId: 'k1', reason });
  }
  const { tier, escalation } = await lan.request('conversation.get', { conversationId: 'k1' });
  expect({ tier, escalation }).toMatchObject({
    tier: 3,
    escalation: {
      ...{ reason: 'vượt hạn mức', fromTier: 2, by: { id: 'lan' } },
      earlier: [{ reason: 'đòi bồi thường', fromTier: 1, fromQueue: { id: 'sales' } }],
    },
  });
});
