import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { fromRelay, packedSchema } from './from-relay.ts';
import { OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION } from './protocol-version.ts';
import { toRelay } from './to-relay.ts';

/** Of both message maps, per protocol version that was released or is being built. */
const HASHES: Record<number, string> = {
  1: 'be75feed5e98c3f4a220bbc3b0d443be',
  2: 'e5360e38d6061ceca254765491210673',
};

function hashOfMessages(maps: object = { toRelay, fromRelay, forms: { packed: packedSchema } }): string {
  const schemas = Object.entries(maps).map(([direction, messages]) => [
    direction,
    Object.entries(messages as Record<string, z.ZodType>)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, schema]) => [name, z.toJSONSchema(schema, { unrepresentable: 'any' })]),
  ]);
  return createHash('sha256').update(JSON.stringify(schemas)).digest('hex').slice(0, 32);
}

test('SYNC-P1 a change of the wire raises the protocol version', () => {
  expect(
    hashOfMessages(),
    'A message schema of shared/relay-protocol changed. Raise PROTOCOL_VERSION in protocol-version.ts, name the ' +
      'change there, and add its hash here; only before the first release may the hash of a version be replaced.',
  ).toBe(HASHES[PROTOCOL_VERSION]);
});

test('SYNC-P1 the hash sees a field that becomes optional, and one that is added', () => {
  const hello = toRelay.hello;
  const withOptional = {
    toRelay: { ...toRelay, hello: hello.extend({ cursor: hello.shape.cursor.optional() }) },
    fromRelay,
  };
  const withMore = { toRelay, fromRelay: { ...fromRelay, tick: fromRelay.tick.extend({ more: z.number() }) } };
  expect(new Set([hashOfMessages(), hashOfMessages(withOptional), hashOfMessages(withMore)]).size).toBe(3);
});

test('SYNC-P1 every version that is spoken has its hash', () => {
  expect(OLDEST_PROTOCOL_VERSION).toBeLessThanOrEqual(PROTOCOL_VERSION);
  expect(Object.keys(HASHES).map(Number)).toEqual(Array.from({ length: PROTOCOL_VERSION }, (_, index) => index + 1));
});
