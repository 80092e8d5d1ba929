import { serveCalls } from '../processes/child-calls.ts';
import { LightConsole } from './light-console.ts';
import { PlainPeer } from './plain-peer.ts';
import { runStorm } from './storm.ts';
import type { SwarmCalls } from './swarm-calls.ts';
import { Swarm } from './swarm.ts';

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
  deliveries: ({ sayings, burst, text }) => swarm.measureDeliveries(sayings, burst, text),
  storm: (input) => runStorm(input),
  answers: ({ perSecond, seconds, text }) => swarm.measureAnswers(perSecond, seconds, text),
} satisfies SwarmCalls);
