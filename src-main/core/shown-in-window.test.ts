import { expect, test } from 'vitest';
import { useScriptedConsoles } from '../../tests/fakes/scripted-consoles.ts';
import { RELAY_URL, settle } from '../../tests/fakes/scripted-relay.ts';

const { signedIn } = useScriptedConsoles();

test('SYNC-E1 whoever signs in at a window is seen where they look, also where the one before them looked last', async () => {
  const { relay, console } = await signedIn();
  const view = async (isViewing: boolean) => {
    console.send({ ephemeral: 'viewing', payload: { conversationId: 'k1', isViewing } });
    await settle();
  };
  const told = () =>
    relay.link.all('ephemeral').flatMap(({ ephemeral }) => (ephemeral.kind === 'viewing' ? [ephemeral.isViewing] : []));
  await view(true);
  expect(told()).toEqual([true]);
  await console.request('session.signOut');
  await view(false);
  const signingIn = console.request('session.signIn', {
    relayUrl: RELAY_URL,
    email: 'lan@shop.example',
    password: 'x',
  });
  await settle();
  await relay.reset();
  await relay.advance(100);
  await signingIn;
  await view(true);
  expect(told()).toEqual([true]);
  await view(true);
  await view(false);
  expect(told()).toEqual([true, false]);
});
