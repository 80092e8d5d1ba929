import { conversationRef } from '../../../shared/domain/conversation/decide.ts';
import type { CoreParsedInput } from '../../../shared/core-api/requests.ts';
import { orFetched } from './conversations.ts';
import { type FeatureContext, type Handlers, ask } from './feature-context.ts';
import type { MessagePage } from './message-views.ts';

/** Reading and writing messages and notes. */
export const messageHandlers: Handlers<'message.list' | 'message.send' | 'note.add'> = {
  'message.list': async (context, input) => {
    const { conversationId } = input;
    const read = (): Promise<MessagePage> => ask(context, 'message.list', input);
    const page = await orFetched(context, conversationId, read);
    const { missingBefore } = page;
    // What the cache has is shown at once; only where it ends the relay is asked.
    if (input.before === null || page.messages.length > 0 || missingBefore === null) return answer(page, false);
    try {
      await context.relay.fetch(conversationRef(conversationId), missingBefore, input.limit);
    } catch {
      return answer(page, true);
    }
    return answer(await read(), false);
  },

  'message.send': async (context, { conversationId, text, attachments, cannedReplyId, ...input }) => {
    const args = { conversationId, text, attachments, cannedReplyId };
    return write(context, 'message.send', args, input);
  },
  'note.add': async (context, { conversationId, text, attachments, mentions, ...input }) => {
    const args = { conversationId, text, attachments, mentions };
    return write(context, 'note.add', args, input);
  },
};

function answer({ messages, hasOlder, hasNewer }: MessagePage, isOlderMissing: boolean) {
  return { messages, hasOlder, hasNewer, isOlderMissing };
}

async function write(
  context: FeatureContext,
  type: 'message.send' | 'note.add',
  args: Pick<CoreParsedInput<'message.send'>, 'conversationId' | 'text' | 'attachments'>,
  ids: Pick<CoreParsedInput<'message.send'>, 'messageId' | 'commandId'>,
): Promise<{ commandId: string; messageId: string }> {
  const { commandId = context.makeId(), messageId = context.makeId() } = ids;
  const submitted = await context.desk.submit({
    type,
    commandId,
    args: { ...args, messageId, writtenAt: context.clock.now() },
  });
  const kind = type === 'note.add' ? 'note' : 'reply';
  // Whether that can be written or not, the message is in the outbox.
  await context.drafts.sent({ ...args, kind }).catch(() => undefined);
  // Of a repeated command the first one's message counts.
  return { commandId, messageId: (submitted.args as { messageId: string }).messageId };
}
