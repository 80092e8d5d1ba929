import type { Attachment } from '../../shared/domain/conversation/message.ts';
import type { AgentRole } from '../../shared/domain/agent/agent-access.ts';
import { deriveId } from '../../src-relay/event-log/derived-id.ts';
import type { EventLog, LogSubmission, Submitter } from '../../src-relay/event-log/event-log.ts';
import type { CommandResult } from '../../shared/relay-protocol/commands.ts';

export const system: Submitter = { kind: 'system', name: 'test' };
export const webChat: Submitter = { kind: 'channel', id: 'web' };
export const lan: Submitter = { kind: 'agent', agentId: 'lan' };
export const minh: Submitter = { kind: 'agent', agentId: 'minh' };

/** A submission whose id follows from `name`. */
export function command(
  name: string,
  type: string,
  args: unknown,
  by: Submitter,
  rest: Partial<Pick<LogSubmission, 'device' | 'isDelayed'>> & { base?: unknown } = {},
): LogSubmission {
  const { base, ...others } = rest;
  return {
    command: { id: deriveId('test', name), type, v: 1, args, ...(base === undefined ? {} : { base }) },
    by,
    isDelayed: false,
    ...others,
  };
}

const agentFields = (name: string, role: AgentRole, queueIds: string[], isActive: boolean) => ({
  name,
  email: `${name}@shop.example`,
  role,
  queueIds,
  languages: ['vi', 'en'],
  isActive,
});

const queueFields = { reopenDays: 7, keepAssigneeOnReopen: true, escalationQueueId: null };

/** Two queues, a channel, agents Lan and Minh (sales) and Hoa, who has left. Seven events. */
export async function seedWorkspace(log: EventLog): Promise<void> {
  const put = (kind: string, id: string, fields: unknown): LogSubmission =>
    command(`seed-${kind}-${id}`, `${kind}.put`, { id, fields }, system);
  const results = await Promise.all(
    [
      put('workspace', 'this', { name: 'Shop', language: 'vi', timeZone: 'Asia/Ho_Chi_Minh' }),
      put('queue', 'sales', { name: 'Sales', ...queueFields }),
      put('queue', 'complaints', { name: 'Complaints', ...queueFields }),
      put('channel', 'web', { kind: 'web-chat', name: 'Web', queueId: 'sales', maxTextLength: 4000 }),
      put('agent', 'lan', agentFields('Lan', 'agent', ['sales'], true)),
      put('agent', 'minh', agentFields('Minh', 'agent', ['sales'], true)),
      put('agent', 'hoa', agentFields('Hoa', 'agent', ['sales'], false)),
    ].map((submission) => log.submit(submission)),
  );
  for (const result of results) seqOf(result);
}

/** A customer's message; the first of a conversation starts it. */
export function receive(
  conversationId: string,
  messageId: string,
  text = 'Shop ơi, đơn hàng của em đâu rồi?',
  attachments: Attachment[] = [],
): LogSubmission {
  const args = {
    channelId: 'web',
    customer: {
      id: `customer-${conversationId}`,
      identity: { channelId: 'web', externalId: conversationId, isVerified: false },
      profile: { name: 'Chị Mai' },
    },
    conversationId,
    newConversationId: conversationId,
    messageId,
    text,
    attachments,
    writtenAt: 1,
  };
  return command(`receive-${messageId}`, 'message.receive', args, webChat);
}

export function send(
  conversationId: string,
  messageId: string,
  { by = lan, text = 'Dạ, em kiểm tra ngay ạ.', attachments = [] as Attachment[] } = {},
): LogSubmission {
  const args = { conversationId, messageId, text, attachments, writtenAt: 1 };
  return command(`send-${messageId}`, 'message.send', args, by, { base: { foreignPublicSeq: 2 ** 40 } });
}

export const photo = (digit: string): Attachment => ({
  fileId: digit.repeat(64),
  name: 'photo.png',
  mediaType: 'image/png',
  size: 10,
});

/** Seq of a command that went through; otherwise the refusal is thrown, to be read in the test's output. */
export function seqOf(result: CommandResult): number {
  if (result.ok) return result.seq;
  throw new Error(`refused: ${result.error.kind} ${result.error.reason ?? ''} ${result.error.message}`);
}

/** What a command was refused with, as `kind/reason`. */
export function refusalOf(result: CommandResult): string {
  if (result.ok) throw new Error(`it went through as ${result.seq}`);
  return `${result.error.kind}/${result.error.reason ?? ''}`;
}
