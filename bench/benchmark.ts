/** What one side measured in one round, by part. A benchmark of one figure has the one part `''`. */
export type Round = Readonly<Record<string, Figure>>;

export interface Figure {
  value: number;
  /** The single measurements behind it; left out where `value` is the only one. */
  samples?: readonly number[];
}

/** Between what a figure has to be. Each bound that is given counts. */
export interface Limit {
  /** At most: ours divided by the reference of the same round. */
  ratio?: number;
  /** At most: ours by itself, in the part's unit. */
  ours?: number;
  /** At least, where more is better. */
  minRatio?: number;
  minOurs?: number;
}

export interface Part {
  /** `p99` of `fan-out-1000.p99`; `''` for the only one. */
  part: string;
  unit: string;
  must: Limit;
  aim: Limit;
}

export interface BenchSettings {
  /** Smaller sizes and fewer rounds: whether it works, not how fast it is. */
  isShort: boolean;
  /** How long a round of `memory` keeps the core at work. */
  soakMs: number;
  /** Where what a page does is to be recorded; null unless `--profile` was given. */
  profileFolder: string | null;
  /** A folder for this run's files. Deleted after the run. */
  folder: string;
  /** Says what is being done; goes to a person, not into results. */
  say(line: string): void;
}

/**
 * A benchmark that is set up. Rounds of both sides are measured in turn. The reference may leave out parts whose limits
 * are bounds on ours alone.
 */
export interface OpenBenchmark {
  /** What was measured at which size, in words. */
  size: string;
  ours(): Promise<Round>;
  reference(): Promise<Round>;
  close(): Promise<void>;
}

export interface Benchmark {
  name: string;
  /** What ours does, and what the reference is: for the table's legend. */
  ours: string;
  reference: string;
  parts: readonly Part[];
  /** How long all of it takes on two quiet cores with five rounds, in seconds, as far as that is known. */
  takesSeconds: number;
  /** It takes so long that it is left out unless it is named, or `--all` is given. */
  isLong?: boolean;
  open(settings: BenchSettings): Promise<OpenBenchmark>;
}

/** One line of `bench/results/latest.json`. */
export interface BenchResult {
  /** `NAME` or `NAME.part`. */
  name: string;
  /** Medians over the rounds. */
  ours: number;
  /** NaN (null in JSON) where there is none. */
  reference: number;
  /** Median of the rounds' own ratios. */
  ratio: number;
  unit: string;
  /** Single measurements of ours, over all rounds that count, and their distribution. */
  n: number;
  median: number;
  p95: number;
}
