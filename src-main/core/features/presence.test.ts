import { expect, test } from 'vitest';
import type { TestConsole } from '../../../tests/fakes/console-process.ts';
import { useScriptedConsoles } from '../../../tests/fakes/scripted-consoles.ts';
import { settle } from '../../../tests/fakes/scripted-relay.ts';

const { signedIn } = useScriptedConsoles();

async function presenceOf(console: TestConsole, agentId: string) {
  return (await console.request('agent.list')).agents.find(({ id }) => id === agentId)?.presence;
}

test('SYNC-E1 who went while this console was away is not said to be here for ever', async () => {
  const { relay, console } = await signedIn();
  const others = (await console.request('agent.list')).agents.map(({ id }) => id).filter((id) => id !== 'lan');
  const [gone, here] = others as [string, string];
  relay.link.say('presences', { available: [gone, here], away: [], offline: [] } as never);
  await settle();
  expect(await presenceOf(console, gone)).toBe('available');
  await console.request('presence.set', { status: 'away' });
  relay.link.break();
  await relay.advance(2000);
  await relay.tail();
  // Only who is here is in the list.
  relay.link.say('presences', { available: [here], away: [], offline: [] } as never);
  await settle();
  expect(await presenceOf(console, gone)).toBe('offline');
  expect(await presenceOf(console, here)).toBe('available');
  expect(await presenceOf(console, 'lan')).toBe('away');
});
