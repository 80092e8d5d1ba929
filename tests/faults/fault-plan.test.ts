import { expect, test } from 'vitest';
import { describeFault, faultKinds, faultNames, makePlan } from './fault-plan.ts';

const options = { seed: 7, durationMs: 600_000, everyMs: 3000, consoles: 4 };

test('a plan follows from its seed, and from nothing else', () => {
  expect(makePlan(options)).toEqual(makePlan(options));
  expect(makePlan({ ...options, seed: 8 })).not.toEqual(makePlan(options));
  const longer = makePlan({ ...options, durationMs: 1_200_000 });
  expect(longer.slice(0, makePlan(options).length)).toEqual(makePlan(options));
});

test('every kind comes before any comes again, at targets that exist, in the order of time', () => {
  const plan = makePlan(options);
  expect(plan.length).toBeGreaterThan(faultNames.length * 5);
  for (let start = 0; start + faultNames.length <= plan.length; start += faultNames.length) {
    const pack = plan.slice(start, start + faultNames.length).map(({ name }) => name);
    expect(pack.toSorted()).toEqual(faultNames.toSorted());
  }
  expect(plan.map(({ atMs }) => atMs)).toEqual(plan.map(({ atMs }) => atMs).toSorted((one, other) => one - other));
  for (const { name, target, lastsMs } of plan) {
    const [from, to] = faultKinds[name].lasts;
    expect(lastsMs >= from && lastsMs <= to).toBe(true);
    expect(target).toBeLessThan({ relay: 1, staff: 4, console: 4, line: 5 }[faultKinds[name].target]);
  }
  // The last line is that of the customers.
  expect(plan.some((fault) => describeFault(fault, 4).includes('of the customers'))).toBe(true);
});

test('some kinds only', () => {
  const plan = makePlan({ ...options, names: ['relay-killed', 'line-reset'] });
  expect(new Set(plan.map(({ name }) => name))).toEqual(new Set(['relay-killed', 'line-reset']));
});
