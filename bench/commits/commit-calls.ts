/**
 * Calls of a process that writes to a relay's database. The first groups are not timed: a server that has run for a
 * while is compiled.
 */
export type CommitCalls = {
  /** Commands through the gateway's handler and the event log, as they come from consoles: a group in each turn. */
  throughHub(input: CommitInput): Promise<CommitOutcome>;
  /** The rows that this made, by bare statements in as many transactions. */
  bare(input: BareInput): CommitOutcome;
};

export interface CommitInput {
  /** A relay's data folder with as many desks as a group has commands. */
  folder: string;
  conversationIds: string[];
  warmUpGroups: number;
  groups: number;
  text: string;
}

export interface BareInput {
  /** The database before, which is written to, and the one after. */
  before: string;
  after: string;
  warmUpGroups: number;
  groups: number;
}

export interface CommitOutcome {
  /** Of the groups that are timed. */
  seconds: number;
  /** Rows of every table afterwards. */
  rows: Record<string, number>;
}
