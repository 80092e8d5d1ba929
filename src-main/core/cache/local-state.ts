import type { ErrorBody } from '../../../shared/errors.ts';

/** A refused command as views show it: the text is kept. */
export interface RefusedCommand {
  commandId: string;
  type: string;
  subjects: string[];
  args: unknown;
  error: ErrorBody;
  /** Epoch ms. */
  at: number;
  /** Commands that waited for this one. */
  blocked: { commandId: string; type: string; args: unknown }[];
}

/**
 * What only this device knows, and lists show beside the rows: a copy for the reader of what lies in the outbox file.
 */
export class LocalState {
  /** Of each conversation with a draft, how that begins. */
  readonly drafts = new Map<string, string>();
  /** Position up to which a conversation was shown. */
  readonly seen = new Map<string, number>();
  refused: readonly RefusedCommand[] = [];
}

export interface LocalStateCopy {
  drafts: [conversationId: string, start: string][];
  seen: [conversationId: string, position: number][];
  refused: RefusedCommand[];
}
