/**
 * Time as an argument. Nothing in `shared`, the core or the relay reads a clock by itself, so that a simulation
 * can drive both sides from one seed.
 */
export interface Clock {
  /** Wall-clock time in epoch milliseconds. May jump; never used for timeouts or order. */
  now(): number;
  /** Milliseconds since an arbitrary start; never goes backwards. Used for ages and deadlines. */
  monotonic(): number;
  /** Runs `task` once after `delayMs`. Returns its own cancel. */
  after(delayMs: number, task: () => void): () => void;
}

/** Randomness as an argument, for the same reason. */
export interface Random {
  /** `length` random bytes. */
  bytes(length: number): Uint8Array;
  /** A number in [0, 1). */
  fraction(): number;
}
