import type { Frame } from '../../../shared/relay-protocol/frames.ts';

type Span = Pick<Frame, 'from' | 'to'>;

/**
 * How many frames moved no cursor since the last one that did, as the relay counts them in `still` (SYNC-S2).
 * @param count before this frame
 * @returns what the relay says in this frame, if none was lost
 */
export function stillIn({ from, to }: Span, count: number): number {
  return from === to ? count + 1 : count;
}

/** Likewise, once the frame was applied. */
export function stillAfter({ from, to }: Span, count: number): number {
  return from === to ? count + 1 : 0;
}
