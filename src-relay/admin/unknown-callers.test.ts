import { type IncomingMessage, request as httpRequest } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TestRelay, startRelay } from '../../tests/fakes/start-relay.ts';

let relay: TestRelay;

beforeEach(async () => {
  relay = await startRelay();
});
afterEach(() => relay.stop());

test('nobody has the relay read a long request before it is known who asks', async () => {
  const headers = { 'content-type': 'application/json', 'content-length': 15 * 1024 * 1024 };
  const request = httpRequest(`${relay.url}/api/v1/customers/import`, { method: 'POST', headers });
  request.write('{"customers":[');
  // Whoever waits for all of it never answers.
  const status = await new Promise<number | undefined>((resolve, reject) => {
    request.on('response', (response: IncomingMessage) => resolve(response.statusCode));
    request.on('error', reject);
  });
  request.on('error', () => {});
  request.destroy();
  expect(status).toBe(401);
});

test('a request that does not end is ended', () => {
  expect(relay.app.server).toMatchObject({ requestTimeout: expect.any(Number), headersTimeout: 60_000 });
  expect((relay.app.server as { requestTimeout?: number }).requestTimeout).toBeGreaterThan(0);
});
