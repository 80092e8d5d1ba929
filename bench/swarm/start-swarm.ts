import path from 'node:path';
import { type Child, startChild } from '../processes/child-calls.ts';
import type { SwarmCalls } from './swarm-calls.ts';

/**
 * MB, half of the space for objects that are new, from the start on. What is measured is a server: its peers, who all live
 * in one process, must not pause for long while answers come. With 1 they pause thirty times a second for half a
 * millisecond, with 128 every second for ten.
 */
const YOUNG_OBJECTS_MB = 8;

/** Starts a process for the peers of a server. */
export function startSwarm(): Child<SwarmCalls> {
  const entry = path.join(import.meta.dirname, 'main.ts');
  const flags = ['max', 'min'].map((bound) => `--${bound}-semi-space-size=${YOUNG_OBJECTS_MB}`);
  return startChild<SwarmCalls>(entry, flags);
}
