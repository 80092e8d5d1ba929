import path from 'node:path';
import { type Child, startChild } from '../processes/child-calls.ts';
import type { FloorCalls } from './floor-calls.ts';

export function startFloor(): Child<FloorCalls> {
  return startChild<FloorCalls>(path.join(import.meta.dirname, 'main.ts'));
}
