import type { ConsolePosition } from './light-console.ts';
import type { FanOutTimes } from './swarm.ts';

/** Calls of a process full of sockets, so that clients have a core of their own. */
export type SwarmCalls = {
  connectConsoles(input: {
    url: string;
    accessTokens: string[];
    position: ConsolePosition;
    conversationIds: string[];
  }): Promise<void>;
  connectPlain(input: { url: string; count: number }): Promise<void>;
  fanOut(input: { sayings: number; text: string }): Promise<FanOutTimes>;
  answers(input: { perSecond: number; seconds: number; text: string }): Promise<number[]>;
};
