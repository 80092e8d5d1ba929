import { expect, test } from 'vitest';
import { canonicalJson } from '../../shared/primitives/canonical-json.ts';
import { hashCommand } from './command-hash.ts';
import { fc } from '../../tests/fakes/properties.ts';

test('SYNC-C2 canonical JSON is the same for equal values, whatever the order of their keys', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(reversed(value))).toBe(text);
    }),
  );
});

test('SYNC-C2 what is undefined is the same as what is left out', () => {
  expect(canonicalJson({ a: undefined, b: [undefined, 1] })).toBe('{"b":[null,1]}');
});

test('SYNC-C2 the hash is of what is asked and who asks, not of how it travels', () => {
  const command = { id: '1', type: 'note.add', v: 1, args: { text: 'a' } };
  const by = { kind: 'agent', agentId: 'lan' } as const;
  const hash = (changes: object): string => hashCommand({ command, by, isDelayed: false, ...changes }).toString('hex');
  expect(hash({ isDelayed: true, device: { id: 'd', n: 1 } })).toBe(hash({}));
  expect(hash({ command: { ...command, args: { text: 'b' } } })).not.toBe(hash({}));
  expect(hash({ by: { kind: 'agent', agentId: 'minh' } })).not.toBe(hash({}));
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, one]) => [key, reversed(one)]),
  );
}
