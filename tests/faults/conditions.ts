/** How a line behaves. Times and rates are one way, and hold for each way. */
export interface Conditions {
  latencyMs: number;
  /** Up to so much more for each slice. Order is kept, as TCP keeps it. */
  jitterMs: number;
  /** Null: as fast as it goes. */
  bytesPerSecond: number | null;
  /** Bytes are passed on in pieces of at most this size. */
  sliceBytes: number | null;
  /** A connection is reset when it carried so many bytes, both ways together. */
  cutAfterBytes: number | null;
  /** Chance that a connection is reset in place of passing a slice on. */
  cutChance: number;
}

export const PERFECT: Readonly<Conditions> = {
  latencyMs: 0,
  jitterMs: 0,
  bytesPerSecond: null,
  sliceBytes: null,
  cutAfterBytes: null,
  cutChance: 0,
};
