/** A conversation as the reference sees it: what matters, and nothing that could be had in two ways. */
export interface ModelConversation {
  queueId: string;
  customerId: string;
  state: string;
  snoozedUntil: number | null;
  assigneeId: string | null;
  /** Id of the command that assigned it last. */
  version: string;
  priority: string;
  tier: number;
  tags: readonly string[];
  participants: readonly string[];
  lastMessageAt: number;
  customerSeq: number;
  /** Seq of the last public message of each agent. */
  publicSeqs: Readonly<Record<string, number>>;
  lines: readonly ModelLine[];
}

export interface ModelLine {
  position: number;
  id: string;
  /** `public`, `note` or `system`, author, text and what became of it. */
  what: string;
  delivery: string | null;
}
