import { afterEach, beforeEach, expect, test } from 'vitest';
import { TEST_ADMIN_TOKEN, type TestRelay, clockOfLimits, makeId, startRelay } from '../tests/fakes/start-relay.ts';

const ORIGIN = 'https://shop.example';

let relay: TestRelay;

beforeEach(async () => {
  relay = await startRelay({ clock: clockOfLimits() });
});
afterEach(() => relay.stop());

/** What the relay answers to somebody who takes another address of their network each time. */
async function statuses(count: number, network: string, url: string, payload: (number: number) => object) {
  const answers = await Promise.all(
    Array.from({ length: count }, (_, number) => {
      const remoteAddress = `${network}:${number.toString(16)}:1`;
      const headers = { origin: ORIGIN };
      return relay.app.inject({ method: 'POST', url, remoteAddress, headers, payload: payload(number) });
    }),
  );
  return answers.map(({ statusCode }) => statusCode);
}

test('who has a whole network of addresses opens no more sessions than who has one', async () => {
  await relay.putQueue('sales');
  const made = await relay.app.inject({
    ...{ method: 'POST', url: '/api/v1/channels', headers: { authorization: `Bearer ${TEST_ADMIN_TOKEN}` } },
    payload: { id: 'web', name: 'Web', queue: 'sales', allowedOrigins: [ORIGIN] },
  });
  const { widgetKey } = (made.json() as { channel: { widgetKey: string } }).channel;
  const url = `/w/v1/${widgetKey}/session`;
  const first = await statuses(90, '2001:db8:0:7:1:2', url, () => ({}));
  expect(first.filter((status) => status === 200).length).toBeGreaterThan(50);
  expect(first.filter((status) => status === 429).length).toBeGreaterThan(10);
  expect(await statuses(1, '2001:db8:0:8:1:2', url, () => ({}))).toEqual([200]);
});

test('nor do they guess more passwords', async () => {
  const guess = (number: number) => ({
    ...{ email: `agent${number}@example.org`, password: 'a wrong password' },
    ...{ deviceId: makeId(), deviceName: 'x' },
  });
  const answers = await statuses(31, '2001:db8:0:7:1:2', '/api/v1/auth/sign-in', guess);
  expect(answers.filter((status) => status === 401)).toHaveLength(30);
  expect(answers.filter((status) => status === 429)).toHaveLength(1);
});
