import { expect, test } from 'vitest';
import { ManualClock } from '../../tests/fakes/manual-clock.ts';
import { ChangedSubjects, Coalescer } from './coalescer.ts';

function makeCoalescer() {
  const clock = new ManualClock();
  const flushedAt: number[] = [];
  const coalescer = new Coalescer(clock, 100, () => flushedAt.push(clock.monotonic()));
  return { clock, flushedAt, coalescer };
}

test('what is alone is flushed at once, also right after an interval', () => {
  const { clock, flushedAt, coalescer } = makeCoalescer();
  coalescer.poke();
  clock.advance(100);
  coalescer.poke();
  clock.advance(1000);
  coalescer.poke();
  expect(flushedAt).toEqual([0, 100, 1100]);
});

test('a crowd is gathered to one flush per interval, and its last is not forgotten', () => {
  const { clock, flushedAt, coalescer } = makeCoalescer();
  for (let at = 0; at < 250; at += 10) {
    coalescer.poke();
    clock.advance(10);
  }
  clock.advance(1000);
  expect(flushedAt).toEqual([0, 100, 200, 300]);
});

test('after its end nothing is flushed', () => {
  const { clock, flushedAt, coalescer } = makeCoalescer();
  coalescer.poke();
  coalescer.poke();
  coalescer.close();
  clock.advance(1000);
  coalescer.poke();
  expect(flushedAt).toEqual([0]);
});

test('subjects that changed meanwhile are told together, each once', () => {
  const clock = new ManualClock();
  const told: string[][] = [];
  const changed = new ChangedSubjects(clock, 100, (subjects) => told.push(subjects));
  changed.add(['conversation:1']);
  changed.add(['conversation:2', 'conversation:3']);
  changed.add(['conversation:2']);
  clock.advance(100);
  expect(told).toEqual([['conversation:1'], ['conversation:2', 'conversation:3']]);
});
