import type { LoggedEvent } from '../../../shared/relay-protocol/frames.ts';
import {
  type FrameBody,
  type PageBody,
  readFrameText,
  readPageText,
} from '../../../shared/relay-protocol/read-from-relay.ts';

/**
 * A frame as the session has it: a small one as it is, checked; a large one as the bytes of its JSON, which only the
 * writer's thread parses and checks. There that is no part of what the core's main thread does, and nothing of it has to
 * be copied from thread to thread.
 */
export type GivenFrame = FrameBody | Uint8Array;
export type GivenPage = PageBody | Uint8Array;

/** What the session knows and the writer has to respect. */
export interface FrameContext {
  /** Frames that moved no cursor since the last one that did; null for a relay that does not count them (SYNC-S2). */
  still: number | null;
  /** Events after this, epoch ms by the relay, are news. */
  newsSince: number;
}

/** What the session has to know of a frame that was applied. */
export interface AppliedFrame extends Pick<FrameBody, 'from' | 'to' | 'isCatchUp' | 'wantsCredit'> {
  /** Events that are news. */
  news: LoggedEvent[];
  /** Something is in it that must not be missed, and that only a newer version understands. */
  needsUpdate: boolean;
}

/** @throws AppError `invalid` (`malformed-message`) */
export function frameOf(given: GivenFrame): FrameBody {
  return given instanceof Uint8Array ? readFrameText(textOf(given)) : given;
}

/** @throws AppError as `frameOf` */
export function pageOf(given: GivenPage): PageBody {
  return given instanceof Uint8Array ? readPageText(textOf(given)) : given;
}

function textOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString();
}
