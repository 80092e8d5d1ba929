import path from 'node:path';
import { type Child, startChild } from '../processes/child-calls.ts';
import type { SwarmCalls } from './swarm-calls.ts';

/**
 * MB, half of the space for objects that are new. What is measured is a server; its peers, who all live in one process,
 * would otherwise look through it twenty times a second, and answers that come meanwhile would seem to be late.
 */
const YOUNG_OBJECTS_MB = 128;

/** Starts a process for the peers of a server. */
export function startSwarm(): Child<SwarmCalls> {
  const entry = path.join(import.meta.dirname, 'main.ts');
  const flags = ['max', 'min'].map((bound) => `--${bound}-semi-space-size=${YOUNG_OBJECTS_MB}`);
  return startChild<SwarmCalls>(entry, flags);
}
