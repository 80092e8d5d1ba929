import type { Attachment } from '../../shared/domain/conversation/message.ts';

/** A message the relay has not acknowledged; it is safe to send again, its client id makes it one. */
export interface KeptMessage {
  clientId: string;
  text: string;
  uploads: { uploadId: string; attachment: Attachment }[];
  answers: Record<string, string>;
  writtenAt: number;
}

/** What survives a reload, in the page's own storage. */
export interface KeptState {
  /** Whose it is; another feed begins with nothing. */
  feedId: string;
  draft: string;
  answers: Record<string, string> | null;
  unsent: KeptMessage[];
}

/** What was stored, or an empty state for a feed that it does not belong to or that cannot be read. */
export function readKeptState(stored: string, feedId: string): KeptState {
  const empty: KeptState = { feedId, draft: '', answers: null, unsent: [] };
  try {
    const kept = JSON.parse(stored) as KeptState;
    return kept.feedId === feedId && Array.isArray(kept.unsent) ? { ...empty, ...kept } : empty;
  } catch {
    return empty;
  }
}
