import type { Usage } from '../processes/measured-process.ts';

/** Calls of the plainest server that could do the same: `ws`, and nothing around it. */
export type AnchorCalls = {
  /** Sends what it hears to everybody. @returns its address */
  broadcast(input: null): Promise<string>;
  /** Answers what it hears once that is a row in a database, with a FULL commit of its own. @returns its address */
  commitAndAnswer(input: { file: string }): Promise<string>;
  usage(input: { isCollected: boolean }): Usage;
};
