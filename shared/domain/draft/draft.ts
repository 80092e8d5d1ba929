import type { RootRow, SubjectRef } from '../subject/subject-kind.ts';
import { subjectRef } from '../subject/subject-kind.ts';
import type { Attachment } from '../conversation/message.ts';

export type DraftKind = 'reply' | 'note';

/** What an agent is writing in one conversation, of one kind. Nobody else sees it. */
export type SharedDraft = RootRow & {
  agentId: string;
  conversationId: string;
  kind: DraftKind;
  text: string;
  attachments: Attachment[];
  /** Of this text; what continues it names it. */
  version: string;
  /**
   * Set when this joins two texts that were written on two machines without knowing of each other: the other one's part.
   * Whoever continues the `version` that was joined to it has not seen it yet.
   */
  joined: { version: string; text: string; attachments: Attachment[] } | null;
  /** Epoch ms by the relay. */
  writtenAt: number;
};

export interface DraftPlace {
  conversationId: string;
  agentId: string;
  kind: DraftKind;
}

/** The subject of a draft, which is also its lane: it neither waits for a reply nor keeps one waiting. */
export function draftRef({ conversationId, agentId, kind }: DraftPlace): SubjectRef {
  return subjectRef('draft', `${conversationId}:${agentId}:${kind}`);
}
