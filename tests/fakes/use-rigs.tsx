import { afterEach } from 'vitest';
import { type ConsoleRig, startConsole } from './console-rig.tsx';

/** For files whose tests use a console without its window; each ends with its test. */
export function useRigs() {
  const rigs: ConsoleRig[] = [];
  afterEach(() => rigs.splice(0).forEach((rig) => rig.stop()));
  return {
    settle,
    async start(...args: Parameters<typeof startConsole>): Promise<ConsoleRig> {
      const rig = startConsole(...args);
      rigs.push(rig);
      await settle();
      await settle();
      return rig;
    },
  };
}

/** The fake core answers in microtasks; a turn of the event loop is past all of them. */
const settle = () => new Promise((resolve) => setImmediate(resolve));
