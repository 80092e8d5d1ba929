import { cutText } from '../../primitives/cut-text.ts';
import type { FoldChange, RowChange, SubjectReader } from '../subject/subject-kind.ts';
import type { Conversation, Escalation } from './conversation.ts';
import type { ConversationChangeData, ConversationChangeType } from './events.ts';
import { escalationBefore } from './hand-back.ts';
import { type Message, type MessageAuthor, mayAdvanceDelivery } from './message.ts';

const PREVIEW_LENGTH = 160;
/** Most texts have none. */
const UNEVEN_SPACE = /[^\S ]|  /u;

type Folder<Type extends ConversationChangeType> = (
  root: Conversation,
  change: FoldChange & { data: ConversationChangeData<Type> },
  reader: SubjectReader,
) => RowChange[];

/** What happens to a conversation that is there, and leaves it there. */
type LaterChange = Exclude<ConversationChangeType, 'conversation-started' | 'conversation-erased'>;

/** Folds one change into the rows of its conversation. A change to a conversation that is not held is ignored. */
export function foldConversation(reader: SubjectReader, change: FoldChange): RowChange[] {
  if (change.type === 'conversation-started') {
    return start(change as FoldChange & { data: ConversationChangeData<'conversation-started'> });
  }
  if (change.type === 'conversation-erased') {
    return [{ op: 'delete', table: 'conversation', id: conversationIdOf(change) }];
  }
  const root = reader.root() as Conversation | null;
  const folder = FOLDERS[change.type as LaterChange] as Folder<ConversationChangeType> | undefined;
  if (root === null || folder === undefined) return [];
  return folder(root, change as never, reader);
}

function start(change: FoldChange & { data: ConversationChangeData<'conversation-started'> }): RowChange[] {
  const row: Conversation = {
    id: conversationIdOf(change),
    asOf: change.seq,
    bornSeq: change.seq,
    ...change.data,
    state: 'open',
    snoozedUntil: null,
    assigneeId: null,
    assignmentVersion: '',
    tier: 1,
    escalation: null,
    priority: 'normal',
    tags: [],
    participantIds: [],
    customerSeq: 0,
    publicSeqByAgent: {},
    waitingSince: null,
    createdAt: change.at,
    lastMessageAt: change.at,
    lastMessage: null,
    firstReplyAt: null,
    closedAt: null,
  };
  return [{ op: 'put', table: 'conversation', row }];
}

const FOLDERS: { [Type in LaterChange]: Folder<Type> } = {
  'message-received': (root, change) => {
    const { data, at } = change;
    return [
      putRoot(root, change, {
        state: 'open',
        snoozedUntil: null,
        closedAt: null,
        assigneeId: data.assigneeId,
        // Whoever saw the old assignee must not be able to assign as if nothing had happened.
        ...(data.assigneeId === root.assigneeId ? {} : { assignmentVersion: data.messageId }),
        customerSeq: change.seq,
        waitingSince: root.waitingSince ?? at,
        lastMessageAt: at,
        lastMessage: preview('customer', data.text, data.attachments.length > 0),
      }),
      putMessage(change, data, { kind: 'customer', id: data.customerId }, { kind: 'public' }),
    ];
  },
  'message-sent': (root, change) => {
    const { data, at } = change;
    return [
      putRoot(root, change, {
        state: root.state === 'closed' || root.state === 'bot' ? 'open' : root.state,
        closedAt: null,
        ...(data.claim === null ? {} : { assigneeId: data.claim.assigneeId, assignmentVersion: data.claim.version }),
        publicSeqByAgent: { ...root.publicSeqByAgent, [data.agentId]: change.seq },
        waitingSince: null,
        firstReplyAt: root.firstReplyAt ?? at,
        lastMessageAt: at,
        lastMessage: preview('agent', data.text, data.attachments.length > 0),
      }),
      putMessage(
        change,
        data,
        { kind: 'agent', id: data.agentId },
        { kind: 'public', delivery: { state: 'queued', reason: null } },
      ),
    ];
  },
  'note-added': (root, change) => {
    const { data } = change;
    return [
      putRoot(root, change, { participantIds: union(root.participantIds, data.mentions) }),
      putMessage(change, data, { kind: 'agent', id: data.agentId }, { kind: 'note', mentions: data.mentions }),
    ];
  },
  'delivery-updated': (root, change, reader) => {
    const { data } = change;
    const rows: RowChange[] = [putRoot(root, change, {})];
    for (const messageId of data.messageIds) {
      const message = reader.item<Message>('message', messageId);
      if (message === null || message.delivery === null) continue;
      if (!mayAdvanceDelivery(message.delivery.state, data.state)) continue;
      const delivery = { state: data.state, reason: data.reason };
      rows.push({ op: 'put', table: 'message', row: { ...message, delivery, asOf: change.seq } as Message });
    }
    return rows;
  },
  'conversation-assigned': (root, change) => {
    const { data } = change;
    return [
      putRoot(root, change, { assigneeId: data.assigneeId, assignmentVersion: data.version }),
      putSystemLine(change, { assigneeId: data.assigneeId, previousAssigneeId: data.previousAssigneeId }),
    ];
  },
  'conversation-moved': (root, change) => {
    const { data } = change;
    return [
      putRoot(root, change, {
        queueId: data.queueId,
        assigneeId: data.assigneeId,
        ...(data.version === null ? {} : { assignmentVersion: data.version }),
      }),
      putSystemLine(change, { queueId: data.queueId, previousQueueId: data.previousQueueId }),
    ];
  },
  'conversation-state-changed': (root, change) => {
    const { data } = change;
    return [
      putRoot(root, change, {
        state: data.state,
        snoozedUntil: data.snoozedUntil,
        closedAt: data.state === 'closed' ? change.at : null,
        waitingSince: data.state === 'closed' ? null : root.waitingSince,
      }),
      putSystemLine(change, {
        state: data.state,
        previousState: data.previousState,
        snoozedUntil: data.snoozedUntil,
      }),
    ];
  },
  'conversation-escalated': (root, change) => {
    const { data } = change;
    return [
      putRoot(root, change, {
        tier: data.tier,
        queueId: data.queueId,
        assigneeId: null,
        assignmentVersion: data.version,
        state: root.state === 'closed' ? 'open' : root.state,
        closedAt: null,
        escalation: {
          id: data.escalationId,
          reason: data.reason,
          byAgentId: data.byAgentId,
          at: change.at,
          ...originOf(root, data),
        },
      }),
      putSystemLine(change, {
        tier: data.tier,
        previousTier: data.previousTier,
        queueId: data.queueId,
        reason: data.reason,
      }),
    ];
  },
  'conversation-handed-back': (root, change) => {
    const { escalationId, tier, previousTier } = change.data;
    return [
      putRoot(root, change, { tier, escalation: escalationBefore(root, escalationId) }),
      putSystemLine(change, { tier, previousTier }),
    ];
  },
  'conversation-tagged': (root, change) => {
    const { added, removed } = change.data;
    const tags = union(root.tags, added).filter((tag) => !removed.includes(tag));
    return [putRoot(root, change, { tags })];
  },
  'conversation-priority-set': (root, change) => [
    putRoot(root, change, { priority: change.data.priority }),
    putSystemLine(change, { priority: change.data.priority, previousPriority: change.data.previousPriority }),
  ],
};

/** Where an escalation came from. One that raised nothing stands in the place of the one it came after. */
function originOf(
  root: Conversation,
  data: ConversationChangeData<'conversation-escalated'>,
): Pick<Escalation, 'fromQueueId' | 'fromTier' | 'before'> {
  const { escalation } = root;
  if (escalation === null || data.tier > data.previousTier) {
    return { fromQueueId: data.previousQueueId, fromTier: data.previousTier, before: escalation };
  }
  const { fromQueueId, fromTier = 1, before = null } = escalation;
  return { fromQueueId, fromTier, before };
}

function conversationIdOf(change: FoldChange): string {
  return change.subject.slice('conversation:'.length);
}

function putRoot(root: Conversation, change: FoldChange, fields: Partial<Conversation>): RowChange {
  return { op: 'put', table: 'conversation', row: { ...root, ...fields, asOf: change.seq } as Conversation };
}

function putMessage(
  change: FoldChange,
  data: { messageId: string; text: string; attachments: Message['attachments']; writtenAt: number },
  author: MessageAuthor,
  rest: Pick<Message, 'kind'> & Partial<Message>,
): RowChange {
  const row: Message = {
    id: data.messageId,
    subjectId: conversationIdOf(change),
    position: change.position,
    asOf: change.seq,
    author,
    text: data.text,
    attachments: data.attachments,
    at: change.at,
    writtenAt: data.writtenAt,
    delivery: null,
    system: null,
    mentions: [],
    ...rest,
  };
  return { op: 'put', table: 'message', row };
}

/** A line such as "Lan moved this to Complaints"; views put it into words, in the reader's language. */
function putSystemLine(change: FoldChange, params: Record<string, string | number | null>): RowChange {
  const colon = change.actor.indexOf(':');
  const kind = change.actor.slice(0, colon) === 'agent' ? 'agent' : 'system';
  const row: Message = {
    // Derived, so that a prediction and its confirmed fact need not agree on it: a prediction's line goes with it.
    id: `line-${change.position}`,
    subjectId: conversationIdOf(change),
    position: change.position,
    asOf: change.seq,
    kind: 'system',
    author: { kind, id: change.actor.slice(colon + 1) },
    text: '',
    attachments: [],
    at: change.at,
    writtenAt: change.at,
    delivery: null,
    system: { type: change.type, params },
    mentions: [],
  };
  return { op: 'put', table: 'message', row };
}

function preview(author: 'agent' | 'customer', text: string, hasAttachments: boolean): Conversation['lastMessage'] {
  const line = (UNEVEN_SPACE.test(text) ? text.replaceAll(/\s+/gu, ' ') : text).trim();
  const short = line.length <= PREVIEW_LENGTH ? line : `${cutText(line, PREVIEW_LENGTH - 1)}…`;
  return { author, text: short, hasAttachments };
}

function union(list: readonly string[], more: readonly string[]): string[] {
  return [...list, ...more.filter((entry) => !list.includes(entry))];
}
