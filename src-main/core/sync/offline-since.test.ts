import { expect, test } from 'vitest';
import { useScriptedConsoles } from '../../../tests/fakes/scripted-consoles.ts';

const { signedIn } = useScriptedConsoles();

test('SYNC-D3 offline since when: tries in between, and their failures, change nothing of it', async () => {
  const { relay, console } = await signedIn();
  expect((await console.request('sync.status')).state).toBe('online');
  relay.link.break();
  const cutAt = relay.clock.now();
  const states = new Set<string>();
  for (let second = 0; second < 90; second += 1) {
    await relay.advance(1000);
    relay.link.break();
    const { state, since, lastOnlineAt } = await console.request('sync.status');
    states.add(state);
    expect({ since, lastOnlineAt }).toEqual({ since: cutAt, lastOnlineAt: cutAt });
  }
  expect(states).toContain('offline');
  expect(relay.links.length).toBeGreaterThan(3);
  // A pause is another thing, and begins when it was asked for.
  await console.request('sync.setOnline', { isOnline: false });
  expect(await console.request('sync.status')).toMatchObject({ state: 'paused', since: relay.clock.now() });
});
