import type { Attachment } from '../../shared/domain/conversation/message.ts';

/** A message the relay has not acknowledged; it is safe to send again, its client id makes it one. */
export interface KeptMessage {
  clientId: string;
  text: string;
  uploads: { uploadId: string; attachment: Attachment }[];
  answers: Record<string, string>;
  writtenAt: number;
}

/** Who leaves a message while nobody is there, as far as they have typed it: of a contact not yet which kind. */
export interface Sender {
  name: string;
  contact: string;
}

export const NO_SENDER: Sender = { name: '', contact: '' };

/** What survives a reload, in the page's own storage. */
export interface KeptState {
  /** Whose it is: of another visitor nothing is kept. Theirs is another feed once it is known who they are. */
  visitorId: string;
  feedId: string;
  draft: string;
  sender: Sender;
  answers: Record<string, string> | null;
  unsent: KeptMessage[];
}

/** What was stored, or an empty state where that is somebody else's or cannot be read. */
export function readKeptState(stored: string, whose: Pick<KeptState, 'visitorId' | 'feedId'>): KeptState {
  const empty: KeptState = { ...whose, draft: '', sender: NO_SENDER, answers: null, unsent: [] };
  try {
    const kept = JSON.parse(stored) as KeptState;
    const isTheirs = kept.visitorId === whose.visitorId || kept.feedId === whose.feedId;
    return isTheirs && Array.isArray(kept.unsent) ? { ...empty, ...kept, ...whose } : empty;
  } catch {
    return empty;
  }
}
