import { expect, test } from 'vitest';
import { z } from 'zod';
import { accept, defineCommand } from './define-command.ts';
import { raiseCommand } from './raise-command.ts';

const spec = defineCommand({
  type: 'thing.rename',
  v: 4,
  args: z.object({ id: z.string(), names: z.array(z.string()), isLoud: z.boolean().optional() }),
  base: z.object({ seenNames: z.array(z.string()) }),
  upcast: {
    1: ({ args, base }) => ({ args: { ...(args as object), text: (args as { name: string }).name }, base }),
    // Version 3 added `isLoud`, which may be left out.
    3: ({ args, base }) => {
      const { id, text } = args as { id: string; text: string };
      return { args: { id, names: [text] }, base: { seenNames: [(base as { seenName: string }).seenName] } };
    },
  },
  subjects: ({ id }) => [`thing:${id}`],
  decide: () => accept([]),
});

test('SYNC-P1 a command of any older version becomes the present one, step by step', () => {
  const base = { seenName: 'b' };
  const first = raiseCommand(spec, 1, { args: { id: '1', name: 'a' }, base });
  expect(first).toEqual({ args: { id: '1', names: ['a'] }, base: { seenNames: ['b'] } });
  expect(spec.args.safeParse(first.args).success).toBe(true);
  expect(raiseCommand(spec, 3, { args: { id: '1', text: 'a' }, base })).toEqual(first);
  const present = { args: { id: '1', names: ['a', 'b'] }, base: { seenNames: [] } };
  expect(raiseCommand(spec, 4, present)).toEqual(present);
});

test('SYNC-P1 a command of a newer version is refused, not guessed at', () => {
  expect(() => raiseCommand(spec, 5, { args: {} })).toThrowError(
    expect.objectContaining({ kind: 'incompatible' }) as Error,
  );
});
