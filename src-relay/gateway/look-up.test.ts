import { expect, test } from 'vitest';
import { furnish } from '../../tests/fakes/desk-writes.ts';
import { LinkedConsole, openHubRig } from '../../tests/fakes/hub-rig.ts';

test('SYNC-N2 a console may look up what became of its commands at a rate, and is told when to ask again', async () => {
  const rig = await openHubRig();
  await furnish(rig);
  const one = new LinkedConsole(rig, 'lan');
  one.connect();
  await rig.settle();
  const ask = async () => {
    const id = rig.newId();
    one.say('lookUp', { session: one.session, id, commandIds: [rig.newId()] });
    await rig.settle();
    one.deliver();
    return one.messages('lookedUp').find((answer) => answer.id === id)?.answer;
  };
  let refused = await ask();
  for (let asked = 0; asked < 60 && refused?.ok === true; asked += 1) refused = await ask();
  expect(refused).toMatchObject({ ok: false, error: { kind: 'rate_limited', retryable: true } });
  const retryAfterMs = refused?.ok === false ? refused.error.retryAfterMs! : 0;
  expect(retryAfterMs).toBeGreaterThan(0);
  rig.clock.advance(retryAfterMs);
  expect(await ask()).toEqual({ ok: true, results: [] });
  one.cut();
  await rig.close();
});
