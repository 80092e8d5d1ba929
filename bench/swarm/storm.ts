import { setTimeout as sleep } from 'node:timers/promises';
import { type ConsolePosition, LightConsole } from './light-console.ts';

export interface StormOutcome {
  /** From the beginning of the window until the last console was at the head. */
  allAtHeadMs: number;
  /** Fewest and most events that a console had to be sent. */
  events: { fewest: number; most: number };
}

/** Many consoles come back within a while, as after a cut that everybody had (SYNC-N1). */
export async function runStorm(input: {
  url: string;
  accessTokens: string[];
  position: ConsolePosition;
  windowMs: number;
}): Promise<StormOutcome> {
  const { url, position, windowMs } = input;
  const startedAt = performance.now();
  const consoles = await Promise.all(
    input.accessTokens.map(async (accessToken) => {
      await sleep(Math.random() * windowMs);
      const broken = Promise.withResolvers<never>();
      const listener = { isListening: () => false, onHeard: () => {}, onAnswered: () => {}, onBroken: broken.reject };
      return Promise.race([
        LightConsole.connect({ url, accessToken, position, conversationId: '', listener }),
        broken.promise,
      ]);
    }),
  );
  const allAtHeadMs = performance.now() - startedAt;
  const counts = consoles.map(({ caughtUpEvents }) => caughtUpEvents);
  return { allAtHeadMs, events: { fewest: Math.min(...counts), most: Math.max(...counts) } };
}
