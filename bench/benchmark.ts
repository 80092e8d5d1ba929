/** What one side measured in one round, by part. A benchmark of one figure has the one part `''`. */
export type Round = Readonly<Record<string, Figure>>;

export interface Figure {
  value: number;
  /** The single measurements behind it; left out where `value` is the only one. */
  samples?: readonly number[];
}

/** What a figure has to be at most. Each that is given counts. */
export interface Limit {
  /** Ours divided by the reference of the same round. */
  ratio?: number;
  /** Ours by itself, in the part's unit. */
  ours?: number;
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
  /** A folder for this run's files. Deleted after the run. */
  folder: string;
  /** Says what is being done; goes to a person, not into results. */
  say(line: string): void;
}

/** A benchmark that is set up. Rounds of both sides are measured in turn. */
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
  open(settings: BenchSettings): Promise<OpenBenchmark>;
}

/** One line of `bench/results/latest.json`. */
export interface BenchResult {
  /** `NAME` or `NAME.part`. */
  name: string;
  /** Medians over the rounds. */
  ours: number;
  reference: number;
  /** Median of the rounds' own ratios. */
  ratio: number;
  unit: string;
  /** Single measurements of ours, over all rounds that count, and their distribution. */
  n: number;
  median: number;
  p95: number;
}
