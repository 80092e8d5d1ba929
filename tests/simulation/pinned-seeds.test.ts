import { expect, test } from 'vitest';
import { runSeed } from './run-seed.ts';

/**
 * Seeds that once failed, each with what it found. What a seed does changes with the simulation: the numbers are those
 * of the day; the bugs themselves are also held by tests of their own or by mutants.
 */
const PINNED: readonly (readonly [seed: number, found: string])[] = [
  [13, 'a console whose disk was full when its sign-in ended stayed "connecting" for ever'],
  [288, 'the same, with commands that waited behind it'],
  [347, 'an old copy of an outbox that was written to before it met the relay was not known as one: its texts expired'],
  [251, 'a relay with a full disk ended when a console came that was ahead of its log'],
  [
    10,
    'a reply whose delivery a restored backup does not know of goes out once more: said, and no fault of the worker',
  ],
  [20_791, 'a refusal of an upload that a full disk did not take ended in nobody’s hands'],
  [1997, 'what waited was not shown any more after a cache was damaged while its reader began to read it'],
  [6470, 'a close that was decided with the reply it waited for was given once more when its view asked for it again'],
  [5587, 'a backup was put back by hand: the relay sent what waited in it, also when it had learnt of that'],
  [7830, 'the restore tool died half way, and what it left was taken for a restored log: a fault of the simulation'],
  [31_593, 'a console with rows of a lost history could not take a frame, and was sent the same for ever'],
  [
    100_001,
    'a backup from before a lineage change was put back by hand: what was lost with the later one was not missed',
  ],
  [
    122_115,
    'a relay with a backup put back by hand was started once more before it learnt of that: what it wrote between counted as shared',
  ],
  [120_764, 'a text was said by two customers, of whom one was erased: a fault of the simulation'],
  [
    404_005,
    'others had moved the head of an older copy on before a console came that knew of more: nobody was ahead any more',
  ],
  [
    408_684,
    'a command of before an outbox was put back arrived after the first one of after that: a fault of the simulation',
  ],
  [151, 'a timer of a machine that slept was due again and again: a fault of the simulation'],
  [8173, 'a message that was erased was repeated after results had been forgotten at once: a fault of the simulation'],
];

test.each(PINNED)('seed %i: %s', async (seed) => {
  const { violations } = await runSeed(seed);
  expect(violations).toEqual([]);
});
