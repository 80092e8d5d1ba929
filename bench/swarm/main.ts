import { serveCalls } from '../processes/child-calls.ts';
import { type ConsolePosition, LightConsole } from './light-console.ts';
import { PlainPeer } from './plain-peer.ts';
import { type FanOutTimes, Swarm } from './swarm.ts';

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

const swarm = new Swarm();

serveCalls({
  connectConsoles: ({ url, accessTokens, position, conversationIds }) =>
    swarm.connect(accessTokens.length, (index, listener) =>
      LightConsole.connect({
        url,
        accessToken: accessTokens[index]!,
        position,
        conversationId: conversationIds[index % conversationIds.length]!,
        listener,
      }),
    ),
  connectPlain: ({ url, count }) => swarm.connect(count, (_index, listener) => PlainPeer.connect(url, listener)),
  fanOut: ({ sayings, text }) => swarm.measureFanOut(sayings, text),
  answers: ({ perSecond, seconds, text }) => swarm.measureAnswers(perSecond, seconds, text),
} satisfies SwarmCalls);
