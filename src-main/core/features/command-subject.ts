import type { Conversation } from '../../../shared/domain/conversation/conversation.ts';
import type { Attachment } from '../../../shared/domain/conversation/message.ts';
import type { OutboxEntry } from '../../../shared/core-api/views.ts';
import type { CacheView } from '../cache/cache-view.ts';
import { nameAgent, nameCustomer, nameQueue } from './names.ts';

type CommandSubject = Pick<
  OutboxEntry,
  'conversationId' | 'conversationCount' | 'isHere' | 'customerName' | 'target' | 'text' | 'attachments'
>;

const CONVERSATION = 'conversation:';
const CUSTOMER = 'customer:';

/**
 * What a command is about, in names as far as this device knows them: nothing but what the agent typed is left of a
 * conversation that was withdrawn.
 */
export function describeSubject(view: CacheView, subjects: readonly string[], args: unknown): CommandSubject {
  const conversationIds = idsOf(subjects, CONVERSATION);
  const conversationId = conversationIds[0] ?? null;
  const conversation = conversationId === null ? null : view.root<Conversation>('conversation', conversationId);
  const customerId = conversation?.customerId ?? idsOf(subjects, CUSTOMER)[0] ?? null;
  const isCustomerHere = customerId !== null && view.root('customer', customerId) !== null;
  return {
    conversationId,
    conversationCount: conversationIds.length,
    isHere: conversationId === null ? isCustomerHere : conversation !== null,
    customerName:
      customerId === null ? null : conversation !== null || isCustomerHere ? nameCustomer(view, customerId).name : null,
    target: targetOf(view, args),
    text: textOf(args),
    attachments: attachmentsOf(args),
  };
}

/** What an agent typed into a command: the text of a message or note, the reason of an escalation, fields of a profile. */
export function textOf(args: unknown): string | null {
  const { text, reason, profile } = fieldsOf(args);
  if (typeof text === 'string') return text;
  if (typeof reason === 'string') return reason;
  const { language: _chosen, ...fields } = fieldsOf(profile);
  const typed = Object.values(fields).filter((value) => typeof value === 'string' && value !== '');
  return typed.length === 0 ? null : typed.join('\n');
}

function targetOf(view: CacheView, args: unknown): string | null {
  const { assigneeId, queueId, add, remove } = fieldsOf(args);
  if (typeof assigneeId === 'string') return nameAgent(view, assigneeId).name || null;
  if (typeof queueId === 'string') return nameQueue(view, queueId).name || null;
  const tags = [add, remove]
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .filter((one) => typeof one === 'string');
  return tags.length === 0 ? null : tags.join(', ');
}

function attachmentsOf(args: unknown): Attachment[] {
  const { attachments } = fieldsOf(args);
  return Array.isArray(attachments) ? (attachments as Attachment[]) : [];
}

function fieldsOf(args: unknown): Record<string, unknown> {
  return typeof args === 'object' && args !== null ? (args as Record<string, unknown>) : {};
}

function idsOf(subjects: readonly string[], prefix: string): string[] {
  return subjects.filter((one) => one.startsWith(prefix)).map((one) => one.slice(prefix.length));
}
