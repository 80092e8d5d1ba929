import { expect, test } from 'vitest';
import { CatchUpTurns } from './catch-up-turns.ts';

test('SYNC-N1 of the slices that wait one is done per turn, first come, first served, and a command goes in between', async () => {
  const turns: (() => void)[] = [];
  const clock = {
    now: () => 0,
    monotonic: () => 0,
    after: (_delayMs: number, task: () => void) => {
      turns.push(task);
      return () => {};
    },
  };
  const slices = new CatchUpTurns(clock);
  const done: string[] = [];
  const catchUp = async (name: string): Promise<void> => {
    for (let slice = 1; slice <= 2; slice += 1) {
      await slices.next();
      done.push(`${name}${slice}`);
    }
  };
  const all = ['a', 'b', 'c'].map(catchUp);
  let turn = 0;
  while (turns.length > 0) {
    turn += 1;
    turns.shift()!();
    await new Promise<void>((resolve) => setImmediate(resolve));
    done.push(`command${turn}`);
  }
  await Promise.all(all);
  expect(done).toEqual([
    ...['a1', 'command1', 'b1', 'command2', 'c1', 'command3'],
    ...['a2', 'command4', 'b2', 'command5', 'c2', 'command6'],
  ]);
});
