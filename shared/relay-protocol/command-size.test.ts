import { expect, test } from 'vitest';
import { isTooLarge } from './command-size.ts';
import { MAX_COMMAND_BYTES } from './commands.ts';
import { fc } from '../../tests/fakes/properties.ts';

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

test('SYNC-C1 a command of exactly the limit is let through, one byte more is not', () => {
  const command = { args: { text: '' } };
  command.args.text = 'a'.repeat(MAX_COMMAND_BYTES - bytesOf(command));
  expect(bytesOf(command)).toBe(MAX_COMMAND_BYTES);
  expect(isTooLarge(command)).toBe(false);
  command.args.text += 'a';
  expect(isTooLarge(command)).toBe(true);
});

test('SYNC-C1 what JSON makes larger than it looks is not missed, whatever is in it', () => {
  const unit = fc.constantFrom('a', '"', '\u0000', 'ệ', '😀', '\ud800');
  fc.assert(
    fc.property(fc.array(unit, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 4 }), (units, parts) => {
      const part = units.join('').repeat(Math.ceil(MAX_COMMAND_BYTES / parts / units.length / 3));
      const command = { subjects: Array.from({ length: parts }, () => part), [part]: [null, true, -1.5e-300] };
      expect(isTooLarge(command)).toBe(bytesOf(command) > MAX_COMMAND_BYTES);
    }),
    { numRuns: 50 },
  );
});
