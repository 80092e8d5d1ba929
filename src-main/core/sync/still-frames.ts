import type { Frame } from '../../../shared/relay-protocol/frames.ts';

type Span = Pick<Frame, 'from' | 'to'>;

/** Counts frames that moved no cursor since the last one that did, as the relay does in `still` (SYNC-S2). */
export class StillFrames {
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** What the relay says in this frame, if none was lost. */
  before({ from, to }: Span): number {
    return from === to ? this.#count + 1 : this.#count;
  }

  note({ from, to }: Span): void {
    this.#count = from === to ? this.#count + 1 : 0;
  }
}
