import { expect, test } from 'vitest';
import { signIn, startRelay } from '../../tests/fakes/start-relay.ts';

test('who gets the id of an agent that was deleted does not get the password', async () => {
  const relay = await startRelay();
  const former = await relay.addAgent('lan', {});
  await relay.submitAsSystem('agent.delete', { id: 'lan' });
  expect(relay.auth.hasPassword('lan')).toBe(false);
  const fields = { name: 'Lan', email: former.email, role: 'agent', queueIds: [], languages: ['vi'], isActive: true };
  await relay.submitAsSystem('agent.put', { id: 'lan', fields });
  await expect(signIn(relay, former)).rejects.toThrow('wrong-email-or-password');
  await relay.stop();
});
