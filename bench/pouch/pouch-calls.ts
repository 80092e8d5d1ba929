/** Calls of a process that keeps documents in PouchDB. */
export type PouchCalls = {
  /** Fills a database in `folder` with the log's events after a cursor, each a document. @returns how many */
  fill(input: { folder: string; relayDatabase: string; after: number }): Promise<number>;
  /** Replicates that database into an empty one, both in this process. `documents` are those of the target. */
  replicate(input: { folder: string; target: string }): Promise<{ elapsedMs: number; documents: number }>;
  peakRssBytes(input: null): number;
};
