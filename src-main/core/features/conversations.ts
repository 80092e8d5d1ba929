import { conversationRef } from '../../../shared/domain/conversation/decide.ts';
import { AppError } from '../../../shared/errors.ts';
import { type FeatureContext, type Handlers, ask } from './feature-context.ts';

/** Items that come with a conversation that is fetched by itself. */
const FETCHED_ITEMS = 50;

/** Conversations: reading, and everything an agent does with them but writing. */
export const conversationHandlers: Handlers<
  | 'conversation.list'
  | 'conversation.counts'
  | 'conversation.get'
  | 'conversation.assign'
  | 'conversation.move'
  | 'conversation.close'
  | 'conversation.reopen'
  | 'conversation.wait'
  | 'conversation.snooze'
  | 'conversation.escalate'
  | 'conversation.tag'
  | 'conversation.setPriority'
  | 'conversation.markSeen'
> = {
  'conversation.list': (context, input) => ask(context, 'conversation.list', input),
  'conversation.counts': (context) => ask(context, 'conversation.counts', {}),
  'conversation.get': (context, input) =>
    orFetched(context, input.conversationId, () => ask(context, 'conversation.get', input)),

  'conversation.assign': (context, { conversationIds, agentId, force, commandId }) =>
    queue(context, 'conversation.assign', { conversationIds, assigneeId: agentId, isForced: force }, commandId),
  'conversation.move': (context, { commandId, ...args }) => queue(context, 'conversation.move', args, commandId),
  'conversation.close': (context, { commandId, ...args }) => queue(context, 'conversation.close', args, commandId),
  'conversation.reopen': (context, { commandId, ...args }) => queue(context, 'conversation.reopen', args, commandId),
  'conversation.wait': (context, { commandId, ...args }) => queue(context, 'conversation.wait', args, commandId),
  'conversation.snooze': (context, { commandId, ...args }) => queue(context, 'conversation.snooze', args, commandId),
  'conversation.escalate': (context, { commandId, ...args }) =>
    queue(context, 'conversation.escalate', { ...args, escalationId: context.makeId() }, commandId),
  'conversation.tag': (context, { commandId, ...args }) => queue(context, 'conversation.tag', args, commandId),
  'conversation.setPriority': (context, { commandId, ...args }) =>
    queue(context, 'conversation.setPriority', args, commandId),

  'conversation.markSeen': async (context, { conversationId }) => {
    const position = await ask(context, 'newestPosition', { conversationId });
    if (context.outbox.settings.markSeen(conversationId, position)) {
      await context.cache.setSeen(conversationId, position);
    }
    return {};
  },
};

/** Puts a command into the outbox. */
export async function queue(
  context: FeatureContext,
  type: string,
  args: object,
  commandId = context.makeId(),
): Promise<{ commandId: string }> {
  await context.desk.submit({ type, args, commandId });
  return { commandId };
}

/** Reads a conversation; one that is not held is fetched first, where there is a connection. */
export async function orFetched<Answer>(
  context: FeatureContext,
  conversationId: string,
  read: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await read();
  } catch (error) {
    const isMissing = error instanceof AppError && error.kind === 'not_found';
    if (!isMissing || !context.relay.isOnline()) throw error;
    await context.relay.fetch(conversationRef(conversationId), null, FETCHED_ITEMS);
    return read();
  }
}
