import type { ConsolePosition } from './light-console.ts';
import type { StormOutcome } from './storm.ts';
import type { Deliveries, FanOutTimes } from './swarm.ts';

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
  deliveries(input: { sayings: number; burst: number; text: string }): Promise<Deliveries>;
  /** Consoles that come within `windowMs`, at random. They go when this process ends. */
  storm(input: {
    url: string;
    accessTokens: string[];
    position: ConsolePosition;
    windowMs: number;
  }): Promise<StormOutcome>;
  answers(input: { perSecond: number; seconds: number; text: string }): Promise<number[]>;
};
