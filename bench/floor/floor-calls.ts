export interface AppliedLog {
  events: number;
  /** Of each frame, which is one transaction. */
  frameMs: number[];
  /** What the writer did on its file after each of them. */
  tidyMs: number[];
}

export interface ReplayedLog {
  elapsedMs: number;
  cursor: number;
}

/** Calls of a process that does with bare parts what the console does with all of it. */
export type FloorCalls = {
  /**
   * Applies the log's events after the cache's cursor to a cache by the console's own writer, a thousand at a time, or
   * in frames of the size that a relay sends. The events are in memory before the time begins.
   */
  applyLog(input: {
    relayDatabase: string;
    cacheFolder: string;
    cacheKey: string;
    agentId: string;
    isCutAsSent: boolean;
  }): AppliedLog;
  /**
   * Applies the log's events to a cache by the console's own writer, in frames of the size that a relay sends, and notes
   * every statement that it runs. @returns how many events
   */
  recordLog(input: { relayDatabase: string; cacheFolder: string; cacheKey: string; agentId: string }): number;
  /**
   * Runs the noted statements, and nothing else, on a copy of the cache as it was before.
   * @returns ms, and what is in the file then
   */
  replayRecorded(input: { cacheFolder: string; cacheKey: string; agentId: string }): ReplayedLog;
  /** What the events after a cursor are as JSON, and nothing around it. */
  measureLog(input: { relayDatabase: string; after: number }): { events: number; jsonBytes: number };
  /** Opens the file of a cache for the calls below. */
  openCache(input: { file: string; key: string }): void;
  /** The newest fifty messages that match, with a piece of their text. @returns ms of each query */
  search(input: { texts: string[] }): number[];
  /** The newest fifty rows of each conversation. @returns ms of each */
  pages(input: { conversationIds: string[] }): number[];
};
