import { consoleMutants } from './console-mutants.ts';
import { draftMutants } from './draft-mutants.ts';
import { edgeMutants } from './edge-mutants.ts';
import { erasureMutants } from './erasure-mutants.ts';
import type { Mutant } from './mutant.ts';
import { relayMutants } from './relay-mutants.ts';

/** Every planted bug, by the side that it is on. */
export const allMutants: readonly Mutant[] = [
  ...relayMutants,
  ...consoleMutants,
  ...edgeMutants,
  ...draftMutants,
  ...erasureMutants,
];

/** @throws Error for a name that no mutant has */
export function findMutant(name: string): Mutant {
  const mutant = allMutants.find((one) => one.name === name);
  if (mutant === undefined) throw new Error(`no mutant is called ${name}`);
  return mutant;
}
