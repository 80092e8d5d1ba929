import { expect, test } from 'vitest';
import { ManualClock } from '../../../tests/fakes/manual-clock.ts';
import type { StoredSession } from '../outbox/session-store.ts';
import { RelayHttp } from './relay-http.ts';
import { TokenKeeper } from './token-keeper.ts';

const FIRST: StoredSession = {
  relayUrl: 'http://relay.test',
  email: 'lan@x.vn',
  agentId: 'lan',
  refreshToken: 'first',
};
const GRANT = { accessExpiresAt: 0, agentId: 'lan', sessionId: 's' };

/** A keeper whose relay answers a renewal when the test says so. */
function keeping() {
  const clock = new ManualClock();
  const stored = { session: FIRST as StoredSession | null };
  const answering = Promise.withResolvers<Response>();
  const keeper = new TokenKeeper(
    new RelayHttp(FIRST.relayUrl, () => answering.promise, clock),
    {
      get: () => stored.session,
      set: (session) => (stored.session = session),
      clear: () => (stored.session = null),
    },
    clock,
  );
  const renewed = { ...GRANT, accessToken: 'access of first', refreshToken: 'first, renewed' };
  return { keeper, stored, answer: () => answering.resolve(Response.json(renewed)) };
}

test('a renewal that was under way while the agent signed in again leaves the new sign-in alone', async () => {
  const { keeper, stored, answer } = keeping();
  const renewing = keeper.accessToken();
  stored.session = { ...FIRST, refreshToken: 'second' };
  keeper.adopt({ ...GRANT, accessToken: 'access of second', refreshToken: 'second', lifetimeMs: 600_000 });
  answer();
  await expect(renewing).rejects.toMatchObject({ kind: 'retry' });
  expect(stored.session.refreshToken).toBe('second');
  expect(await keeper.accessToken()).toBe('access of second');
});

test('one that was under way while the agent signed out signs nobody in', async () => {
  const { keeper, stored, answer } = keeping();
  const renewing = keeper.accessToken();
  stored.session = null;
  answer();
  await expect(renewing).rejects.toMatchObject({ kind: 'retry' });
  expect(stored.session).toBeNull();
});
