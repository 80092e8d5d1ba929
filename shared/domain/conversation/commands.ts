import { z } from 'zod';
import { cleanLine, cleanText } from '../../primitives/clean-text.ts';
import type { Agent } from '../agent/agent.ts';
import { mayOverride, tierOfRole, tierSchema } from '../agent/agent-access.ts';
import type { Queue } from '../queue/queue.ts';
import { accept, defineCommand, refuse } from '../subject/define-command.ts';
import { type Change, type DecideContext, subjectRef } from '../subject/subject-kind.ts';
import { AppError } from '../../errors.ts';
import { type Conversation, type ConversationState, prioritySchema } from './conversation.ts';
import { conversationRef, mayReassign, requireAgent, requireConversation } from './decide.ts';
import type { ConversationChangeData } from './events.ts';
import { handBack } from './hand-back.ts';

/** Most conversations that one command moves: all of them go through, or none (SYNC-C6). */
export const MAX_CONVERSATIONS_PER_COMMAND = 1000;

const id = z.string().min(1).max(64);
const conversationIds = z.array(id).min(1).max(MAX_CONVERSATIONS_PER_COMMAND);
const subjectsOf = (args: { conversationIds: string[] }) => args.conversationIds.map(conversationRef);

const assign = defineCommand({
  type: 'conversation.assign',
  args: z.object({
    conversationIds,
    /** Null puts them back into the queue. */
    assigneeId: id.nullable(),
    /** Leads only: take it whoever has it by now. */
    isForced: z.boolean().default(false),
  }),
  base: z.object({
    /** `assignmentVersion` per conversation, as the agent saw it (own pending assignments included). */
    versions: z.record(z.string(), z.string()),
  }),
  // From the prediction: the version that an own pending assignment sets is that command's id, known already.
  observe: (seen, args) => ({
    versions: Object.fromEntries(
      args.conversationIds.map((one) => [
        one,
        seen.predicted<Conversation>(conversationRef(one)).root()?.assignmentVersion ?? '',
      ]),
    ),
  }),
  subjects: subjectsOf,
  decide: (context, args, base) => {
    const access = requireAgent(context);
    if (args.assigneeId !== null) requireActiveAgent(context, args.assigneeId);
    if (args.isForced && !mayOverride(access)) {
      return refuse('forbidden', 'Only a shift lead may take over by force.', { reason: 'lead-only' });
    }
    const changes: Change[] = [];
    for (const conversationId of args.conversationIds) {
      const root = requireConversation(context, conversationId);
      if (!args.isForced && root.assignmentVersion !== base.versions[conversationId]) {
        return refuse('conflict', 'Somebody else was assigned meanwhile.', {
          reason: 'assigned-meanwhile',
          current: { conversationId, assigneeId: root.assigneeId },
        });
      }
      if (!mayReassign(access, root)) {
        return refuse('forbidden', 'This is assigned to somebody else; ask a shift lead to reassign it.', {
          reason: 'assigned-to-other',
          current: { conversationId, assigneeId: root.assigneeId },
        });
      }
      const data: ConversationChangeData<'conversation-assigned'> = {
        assigneeId: args.assigneeId,
        previousAssigneeId: root.assigneeId,
        version: context.commandId,
      };
      changes.push(
        { subject: conversationRef(conversationId), type: 'conversation-assigned', v: 1, data },
        ...handedBackTo(context, root, args.assigneeId, base.versions[conversationId]),
      );
    }
    return accept(changes);
  },
});

const move = defineCommand({
  type: 'conversation.move',
  args: z.object({ conversationIds, queueId: id }),
  /** Id of each conversation's last escalation that the agent saw: only such a one ends by moving back. */
  base: z.object({ escalations: z.record(z.string(), z.string()) }).optional(),
  observe: (seen, args) => {
    const escalations = args.conversationIds.flatMap((one) => {
      const escalation = seen.predicted<Conversation>(conversationRef(one)).root()?.escalation ?? null;
      return escalation === null ? [] : [[one, escalation.id] as const];
    });
    return escalations.length === 0 ? undefined : { escalations: Object.fromEntries(escalations) };
  },
  subjects: subjectsOf,
  decide: (context, args, base) => {
    requireQueue(context, args.queueId);
    const changes = args.conversationIds.flatMap((conversationId) => {
      const root = requireConversation(context, conversationId);
      if (root.queueId === args.queueId) return [];
      const keeps = root.assigneeId !== null && servesQueue(context, root.assigneeId, args.queueId);
      const data: ConversationChangeData<'conversation-moved'> = {
        queueId: args.queueId,
        previousQueueId: root.queueId,
        assigneeId: keeps ? root.assigneeId : null,
        version: keeps || root.assigneeId === null ? null : context.commandId,
      };
      const hasSeen = base?.escalations[conversationId] === root.escalation?.id;
      return [
        { subject: conversationRef(conversationId), type: 'conversation-moved', v: 1, data },
        ...(hasSeen ? handBack(root, ({ fromQueueId }) => fromQueueId === args.queueId) : []),
      ];
    });
    return accept(changes);
  },
});

const close = defineCommand({
  type: 'conversation.close',
  args: z.object({ conversationIds }),
  base: z.object({
    /** `customerSeq` per conversation, as the agent saw it. */
    customerSeqs: z.record(z.string(), z.number()),
  }),
  observe: (seen, args) => ({
    customerSeqs: Object.fromEntries(
      args.conversationIds.map((one) => [
        one,
        seen.confirmed<Conversation>(conversationRef(one)).root()?.customerSeq ?? 0,
      ]),
    ),
  }),
  subjects: subjectsOf,
  decide: (context, args, base) => {
    const changes: Change[] = [];
    for (const conversationId of args.conversationIds) {
      const root = requireConversation(context, conversationId);
      if (root.customerSeq > (base.customerSeqs[conversationId] ?? 0)) {
        return refuse('stale', 'The customer wrote again; read that before closing.', {
          reason: 'customer-wrote-again',
          current: { conversationId, afterSeq: base.customerSeqs[conversationId] ?? 0, newestSeq: root.customerSeq },
        });
      }
      changes.push(...stateChange(root, 'closed', null));
    }
    return accept(changes);
  },
});

const reopen = defineCommand({
  type: 'conversation.reopen',
  args: z.object({ conversationIds }),
  subjects: subjectsOf,
  decide: (context, args) =>
    accept(args.conversationIds.flatMap((one) => stateChange(requireConversation(context, one), 'open', null))),
});

/** Ours has been done; the customer's turn. Stops the clocks where the policy says so. */
const wait = defineCommand({
  type: 'conversation.wait',
  args: z.object({ conversationIds }),
  subjects: subjectsOf,
  decide: (context, args) =>
    accept(args.conversationIds.flatMap((one) => stateChange(requireConversation(context, one), 'waiting', null))),
});

const snooze = defineCommand({
  type: 'conversation.snooze',
  args: z.object({
    conversationIds,
    /** Epoch ms, within what a date can hold; null: until the customer writes. */
    until: z.number().int().min(0).max(8.64e15).nullable(),
  }),
  subjects: subjectsOf,
  decide: (context, args) => {
    if (args.until !== null && args.until <= context.now && !context.isDelayed) {
      return refuse('invalid', 'Choose a time in the future.', { reason: 'time-in-past' });
    }
    return accept(
      args.conversationIds.flatMap((one) => stateChange(requireConversation(context, one), 'snoozed', args.until)),
    );
  },
});

/** The end of a snooze, by the relay's timer. Does nothing unless the conversation still sleeps until `until`. */
const wake = defineCommand({
  type: 'conversation.wake',
  args: z.object({ conversationId: id, until: z.number().int() }),
  subjects: (args) => [conversationRef(args.conversationId)],
  decide: (context, args) => {
    if (context.actor.kind !== 'system') {
      return refuse('forbidden', 'Only the relay wakes conversations.', { reason: 'system-only' });
    }
    const root = requireConversation(context, args.conversationId);
    if (root.state !== 'snoozed' || root.snoozedUntil !== args.until) {
      return refuse('conflict', 'This snooze was ended or changed meanwhile.', { reason: 'changed-meanwhile' });
    }
    return accept(stateChange(root, 'open', null));
  },
});

const escalate = defineCommand({
  type: 'conversation.escalate',
  args: z.object({
    conversationId: id,
    escalationId: id,
    /** Left out: one tier up. */
    tier: tierSchema.optional(),
    /** Left out: the queue's own escalation queue, or the same queue where it has none. */
    queueId: id.optional(),
    reason: z.string().max(2000).transform(cleanText),
  }),
  /** The tier that the agent saw (own pending escalations included): one up from there. */
  base: z.object({ tier: tierSchema }).optional(),
  observe: (seen, args) => {
    const root = seen.predicted<Conversation>(conversationRef(args.conversationId)).root();
    return root === null ? undefined : { tier: root.tier };
  },
  subjects: (args) => [conversationRef(args.conversationId)],
  decide: (context, args, base) => {
    const access = requireAgent(context);
    const root = requireConversation(context, args.conversationId);
    if (args.reason.trim() === '') {
      return refuse('invalid', 'Say why: whoever takes over reads it first.', { reason: 'reason-empty' });
    }
    const from = base?.tier ?? root.tier;
    const wanted = args.tier ?? (from === 1 ? 2 : 3);
    // The higher of the two: when two agents escalate from the same tier, the second neither lowers nor raises the first.
    const tier = wanted > root.tier ? wanted : root.tier;
    if (args.tier === undefined && from === 3) {
      return refuse('invalid', 'This is at the highest tier already.', { reason: 'tier-highest' });
    }
    const queue = context.read(subjectRef('queue', root.queueId)).root() as Queue | null;
    // Where the tier was raised meanwhile, so was the queue: it does not go on to the next.
    const next = tier > root.tier ? queue?.escalationQueueId : null;
    const queueId = args.queueId ?? next ?? root.queueId;
    requireQueue(context, queueId);
    const data: ConversationChangeData<'conversation-escalated'> = {
      escalationId: args.escalationId,
      tier,
      previousTier: root.tier,
      queueId,
      previousQueueId: root.queueId,
      reason: args.reason,
      byAgentId: access.agentId,
      version: context.commandId,
    };
    return accept([{ subject: conversationRef(root.id), type: 'conversation-escalated', v: 1, data }]);
  },
});

const tag = z
  .string()
  .max(40)
  .transform((text) => cleanLine(text).toLowerCase())
  .refine((text) => text !== '');

const tagConversation = defineCommand({
  type: 'conversation.tag',
  args: z.object({
    conversationId: id,
    add: z.array(tag).max(20).default([]),
    remove: z.array(tag).max(20).default([]),
  }),
  subjects: (args) => [conversationRef(args.conversationId)],
  decide: (context, args) => {
    const root = requireConversation(context, args.conversationId);
    const added = args.add.filter((one) => !root.tags.includes(one));
    const removed = args.remove.filter((one) => root.tags.includes(one) || added.includes(one));
    if (added.length === 0 && removed.length === 0) return accept([]);
    const data = { added, removed };
    return accept([{ subject: conversationRef(root.id), type: 'conversation-tagged', v: 1, data }]);
  },
});

const setPriority = defineCommand({
  type: 'conversation.setPriority',
  args: z.object({ conversationId: id, priority: prioritySchema }),
  subjects: (args) => [conversationRef(args.conversationId)],
  decide: (context, args) => {
    const root = requireConversation(context, args.conversationId);
    if (root.priority === args.priority) return accept([]);
    const data = { priority: args.priority, previousPriority: root.priority };
    return accept([{ subject: conversationRef(root.id), type: 'conversation-priority-set', v: 1, data }]);
  },
});

/** None where it is so already: a second "close" must neither say so again nor move the time of closing. */
function stateChange(root: Conversation, state: ConversationState, snoozedUntil: number | null): Change[] {
  if (root.state === state && root.snoozedUntil === snoozedUntil) return [];
  const data: ConversationChangeData<'conversation-state-changed'> = { state, previousState: root.state, snoozedUntil };
  return [{ subject: conversationRef(root.id), type: 'conversation-state-changed', v: 1, data }];
}

function requireQueue(context: DecideContext, queueId: string): void {
  if (context.read(subjectRef('queue', queueId)).root() === null) {
    throw new AppError('not_found', 'There is no such queue.', { reason: 'no-such-queue' });
  }
}

function requireActiveAgent(context: DecideContext, agentId: string): void {
  const agent = context.read(subjectRef('agent', agentId)).root() as Agent | null;
  if (agent === null || !agent.isActive) {
    throw new AppError('not_found', 'There is no such agent, or the agent has left.', { reason: 'no-such-agent' });
  }
}

/** Given to the agent who escalated it, by somebody who saw who has it: handed back, unless that agent's own tier is enough. */
function handedBackTo(
  context: DecideContext,
  root: Conversation,
  assigneeId: string | null,
  seenVersion: string | undefined,
): Change[] {
  if (assigneeId === null || root.escalation === null || root.assignmentVersion !== seenVersion) return [];
  const agent = context.read(subjectRef('agent', assigneeId)).root() as Agent | null;
  if (agent === null || tierOfRole(agent.role) >= root.tier) return [];
  return handBack(root, ({ byAgentId }) => byAgentId === assigneeId);
}

function servesQueue(context: DecideContext, agentId: string, queueId: string): boolean {
  const agent = context.read(subjectRef('agent', agentId)).root() as Agent | null;
  return agent?.isActive === true && agent.queueIds.includes(queueId);
}

export const conversationCommands = [
  assign,
  move,
  close,
  reopen,
  wait,
  snooze,
  wake,
  escalate,
  tagConversation,
  setPriority,
];
