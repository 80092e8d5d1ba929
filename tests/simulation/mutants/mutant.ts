/** One exact snippet of a product file, or of what stands in for one here, and what a planted bug makes of it. */
export interface Edit {
  /** From the project's folder. */
  file: string;
  /** Occurs exactly once in the file. */
  find: string;
  replace: string;
}

/** A bug that breaks one rule, and that the simulator has to notice. */
export interface Mutant extends Edit {
  name: string;
  /** The rule it breaks, by its id in docs/sync-spec.md. */
  rule: string;
  /** What goes wrong, for the reader of the table. */
  why: string;
  /** Where two guards stand in the way of one bug, both have to be missing. */
  also?: Edit[];
  /** What has to happen beside the usual. */
  scenario?: 'drafts';
  /** A seed that catches it: tests begin there. */
  seed: number;
}

export function editsOf(mutant: Mutant): Edit[] {
  return [mutant, ...(mutant.also ?? [])];
}
