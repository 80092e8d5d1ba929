import type { TFunction } from 'i18next';
import type { MessageView } from '../../../shared/core-api/views.ts';

type Params = NonNullable<MessageView['system']>['params'];

/** Times inside a line, such as the end of a snooze, are said in the reader's language. */
export type SayTime = (at: number) => string;

/**
 * A system line in words: who did what. What this console does not know yet (made by a newer relay) is said as
 * "something changed", never as a code.
 * @param ownAgentId so that an agent reads "you" where it was the agent
 */
export function describeSystemLine(
  message: Pick<MessageView, 'author' | 'system'>,
  ownAgentId: string | null,
  t: TFunction<['conversation']>,
  sayTime: SayTime,
): string {
  const { author, system } = message;
  if (system === null) return '';
  const isOwn = author.kind === 'agent' && author.id === ownAgentId;
  const actor = isOwn ? t('system.you') : author.kind === 'agent' ? author.name : t('system.liendesk');
  const { params } = system;
  switch (system.type) {
    case 'conversation-assigned':
      return describeAssigned(params, author.id, actor, ownAgentId, t);
    case 'conversation-moved':
      return params.previousQueueName
        ? t('system.movedFrom', { actor, queue: params.queueName, from: params.previousQueueName })
        : t('system.moved', { actor, queue: params.queueName ?? '' });
    case 'conversation-state-changed':
      return describeState(params, actor, author.kind === 'agent', t, sayTime);
    case 'conversation-escalated':
      return t('system.escalated', { actor, tier: params.tier, queue: params.queueName ?? '' });
    case 'conversation-handed-back':
      return t('system.handedBack', { actor, tier: params.tier });
    case 'conversation-priority-set':
      return t('system.priority', { actor, priority: t(`priority.${String(params.priority)}` as 'priority.normal') });
    default:
      return t('system.unknown', { actor });
  }
}

/** The reason of an escalation, as the agent wrote it; null for every other line. */
export function reasonOf(message: Pick<MessageView, 'system'>): string | null {
  const reason = message.system?.type === 'conversation-escalated' ? message.system.params.reason : null;
  return typeof reason === 'string' && reason.trim() !== '' ? reason : null;
}

function describeAssigned(
  params: Params,
  authorId: string,
  actor: string,
  ownAgentId: string | null,
  t: TFunction<['conversation']>,
): string {
  const { assigneeId } = params;
  if (assigneeId === null || assigneeId === undefined) return t('system.unassigned', { actor });
  if (assigneeId === authorId) return t('system.took', { actor });
  if (assigneeId === ownAgentId) return t('system.assignedToYou', { actor });
  return t('system.assigned', { actor, assignee: params.assigneeName ?? '' });
}

function describeState(
  params: Params,
  actor: string,
  isByAgent: boolean,
  t: TFunction<['conversation']>,
  sayTime: SayTime,
): string {
  switch (params.state) {
    case 'closed':
      return t('system.closed', { actor });
    case 'waiting':
      return t('system.waiting', { actor });
    case 'snoozed':
      return typeof params.snoozedUntil === 'number'
        ? t('system.snoozedUntil', { actor, time: sayTime(params.snoozedUntil) })
        : t('system.snoozed', { actor });
    case 'open':
      if (params.previousState === 'snoozed' && !isByAgent) return t('system.woke');
      return t('system.opened', { actor });
    default:
      return t('system.unknown', { actor });
  }
}
