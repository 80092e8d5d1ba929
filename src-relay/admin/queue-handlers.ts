import type { Agent } from '../../shared/domain/agent/agent.ts';
import type { CannedReply } from '../../shared/domain/canned-reply/canned-reply.ts';
import type { Channel } from '../../shared/domain/channel/channel.ts';
import type { Conversation } from '../../shared/domain/conversation/conversation.ts';
import type { Queue } from '../../shared/domain/queue/queue.ts';
import { AppError } from '../../shared/errors.ts';
import type { AdminHandlers } from './admin-parts.ts';
import { type CommandDesk, fieldsOf } from './command-desk.ts';
import { findQueue } from './find-by-reference.ts';
import { defined } from './workspace-handlers.ts';

type QueueRoutes = Extract<keyof AdminHandlers, `queue.${string}`>;

export function createQueueHandlers(): Pick<AdminHandlers, QueueRoutes> {
  return {
    'queue.add': async (input, { desk }) => {
      const id = input.id ?? desk.newId('queue');
      await requireFreeName(desk, input.name, id);
      const known = desk.read<Queue>('queue', id);
      if (known !== null && known.name !== input.name) {
        throw new AppError('conflict', `There is another queue with the id "${id}".`, {
          reason: 'id-taken',
          params: { id },
        });
      }
      const { name, reopenDays, keepAssigneeOnReopen } = input;
      const escalationQueueId = await escalationQueueOf(desk, input.escalationQueue, id);
      const fields = { name, reopenDays, keepAssigneeOnReopen, escalationQueueId };
      return answer(await desk.put<Queue>('queue', id, fields, known));
    },
    'queue.list': async (_input, { desk }) => ({ queues: (await desk.list<Queue>('queue')).map(answer) }),
    'queue.update': async (input, { desk }) => {
      const was = await findQueue(desk, input.queue);
      const { queue: _queue, escalationQueue, ...rest } = input;
      if (rest.name !== undefined) await requireFreeName(desk, rest.name, was.id);
      const escalationQueueId =
        escalationQueue === undefined ? was.escalationQueueId : await escalationQueueOf(desk, escalationQueue, was.id);
      const fields = { ...fieldsOf(was), ...defined(rest), escalationQueueId };
      return answer(await desk.put<Queue>('queue', was.id, fields, was));
    },
    'queue.delete': async (input, { desk }) => {
      const was = await findQueue(desk, input.queue);
      const users = await listUsers(desk, was.id);
      if (users.length > 0) {
        throw new AppError('conflict', `The queue "${was.name}" is still used by ${users.join(', ')}.`, {
          reason: 'queue-in-use',
          params: { users: users.join(', ') },
        });
      }
      await desk.remove('queue', was.id);
      return answer(was);
    },
  };
}

async function escalationQueueOf(desk: CommandDesk, reference: string | null, ownId: string): Promise<string | null> {
  if (reference === null) return null;
  const { id } = await findQueue(desk, reference);
  if (id !== ownId) return id;
  throw new AppError('invalid', 'A queue cannot escalate to itself.', { reason: 'escalates-to-itself' });
}

async function requireFreeName(desk: CommandDesk, name: string, exceptId: string): Promise<void> {
  const queues = await desk.list<Queue>('queue');
  if (!queues.some((queue) => queue.id !== exceptId && queue.name.toLowerCase() === name.toLowerCase())) return;
  throw new AppError('conflict', `There is a queue "${name}" already.`, { reason: 'name-taken', params: { name } });
}

/** What would be left without its queue, in words. */
async function listUsers(desk: CommandDesk, queueId: string): Promise<string[]> {
  const channels = (await desk.list<Channel>('channel')).filter((channel) => channel.queueId === queueId);
  const agents = (await desk.list<Agent>('agent')).filter((agent) => agent.queueIds.includes(queueId));
  const replies = (await desk.list<CannedReply>('canned-reply')).filter((reply) => reply.queueIds.includes(queueId));
  const queues = (await desk.list<Queue>('queue')).filter((queue) => queue.escalationQueueId === queueId);
  const conversations = (await desk.list<Conversation>('conversation')).filter((one) => one.queueId === queueId);
  return [
    ...channels.map((channel) => `channel "${channel.name}"`),
    ...agents.map((agent) => `agent "${agent.name}"`),
    ...replies.map((reply) => `canned reply "${reply.shortcut}"`),
    ...queues.map((queue) => `queue "${queue.name}"`),
    ...(conversations.length === 0 ? [] : [`${conversations.length} conversations`]),
  ];
}

function answer({ id, name, reopenDays, keepAssigneeOnReopen, escalationQueueId }: Queue) {
  return { id, name, reopenDays, keepAssigneeOnReopen, escalationQueueId };
}
