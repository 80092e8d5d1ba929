import { subjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import { AppError } from '../../../shared/errors.ts';
import { queue } from './conversations.ts';
import { type FeatureContext, type Handlers, ask } from './feature-context.ts';

/** Customers, agents, queues, canned replies, search. */
export const workspaceHandlers: Handlers<
  | 'customer.get'
  | 'customer.update'
  | 'agent.list'
  | 'queue.list'
  | 'cannedReply.list'
  | 'cannedReply.render'
  | 'search.run'
> = {
  'customer.get': async (context, input) => {
    try {
      return await ask(context, 'customer.get', input);
    } catch (error) {
      const isMissing = error instanceof AppError && error.kind === 'not_found';
      if (!isMissing || !context.relay.isOnline()) throw error;
      await context.relay.fetch(subjectRef('customer', input.customerId), null, 1);
      return ask(context, 'customer.get', input);
    }
  },
  'customer.update': (context, { commandId, ...args }) => queue(context, 'customer.update', args, commandId),
  'agent.list': async (context) => {
    const { agents } = await ask(context, 'agent.list', {});
    return { agents: agents.map((agent) => withPresence(context, agent)) };
  },
  'queue.list': (context) => ask(context, 'queue.list', {}),
  'cannedReply.list': (context, input) => ask(context, 'cannedReply.list', input),
  'cannedReply.render': (context, input) => ask(context, 'cannedReply.render', input),
  'search.run': async (context, input) => {
    const startedAt = context.clock.monotonic();
    const hits = await ask(context, 'search.run', input);
    return { hits, tookMs: context.clock.monotonic() - startedAt };
  },
};

export function withPresence<Agent extends { id: string }>(
  context: FeatureContext,
  agent: Agent,
): Agent & { presence: 'available' | 'away' | 'offline' } {
  return { ...agent, presence: context.presence.statusOf(agent.id) };
}
