import type { Handlers } from './feature-context.ts';

export const presenceHandlers: Handlers<'presence.set' | 'presence.list'> = {
  'presence.set': (context, { status }) => {
    context.presence.setOwn(status);
    return {};
  },
  'presence.list': (context, { conversationId }) => ({ ephemerals: context.presence.list(conversationId) }),
};
