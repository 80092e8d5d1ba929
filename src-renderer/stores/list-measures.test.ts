import { expect, test } from 'vitest';
import { ListMeasures } from './list-measures.ts';

const of = (heights: Record<string, number>) => new Map(Object.entries(heights));

test('a list begins with the heights it was drawn with, in the same width only', () => {
  const measures = new ListMeasures(() => true);
  expect(measures.heightsOf('c1')).toBeUndefined();
  measures.keep('c1', { width: 600, height: 500 }, of({ m1: 40 }));
  measures.keep('c1', { width: 600, height: 480 }, of({ m2: 60 }));
  expect(measures.heightsOf('c1')).toEqual(of({ m1: 40, m2: 60 }));
  expect(measures.size).toEqual({ width: 600, height: 480 });
  measures.keep('c2', { width: 700, height: 480 }, of({ m9: 20 }));
  expect(measures.heightsOf('c1')).toBeUndefined();
  measures.keep('c1', { width: 700, height: 480 }, of({ m2: 40 }));
  expect(measures.heightsOf('c1')).toEqual(of({ m2: 40 }));
});

test('nothing is left of a conversation that is let go, or of another agent', () => {
  const measures = new ListMeasures(() => true);
  measures.keep('c1', { width: 600, height: 500 }, of({ m1: 40 }));
  measures.keep('c2', { width: 600, height: 500 }, of({ m2: 40 }));
  measures.forget('c1');
  expect(measures.heightsOf('c1')).toBeUndefined();
  measures.clear();
  expect(measures.heightsOf('c2')).toBeUndefined();
});
