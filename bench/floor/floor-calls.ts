/** Calls of a process that does with bare parts what the console does with all of it. */
export type FloorCalls = {
  /**
   * Applies the log's events after the cache's cursor to a cache, a thousand at a time, by the console's own writer.
   * The events are in memory before the time begins. @returns ms
   */
  applyLog(input: { relayDatabase: string; cacheFolder: string; cacheKey: string; agentId: string }): Promise<number>;
  /** Opens the file of a cache for the calls below. */
  openCache(input: { file: string; key: string }): void;
  /** The newest fifty messages that match, with a piece of their text. @returns ms of each query */
  search(input: { texts: string[] }): number[];
  /** The newest fifty rows of each conversation. @returns ms of each */
  pages(input: { conversationIds: string[] }): number[];
};
