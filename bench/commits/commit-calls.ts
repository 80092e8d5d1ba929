/** Calls of a process that writes to a relay's database. Each gives the seconds that it took. */
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
  groups: number;
  text: string;
}

export interface BareInput {
  /** The database before, which is written to, and the one after. */
  before: string;
  after: string;
  groups: number;
}

export interface CommitOutcome {
  seconds: number;
  /** Rows of every table afterwards. */
  rows: Record<string, number>;
}
