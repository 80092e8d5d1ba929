import type { CoreClient } from '../core-client/core-client.ts';
import type { CoreInput } from '../../shared/core-api/requests.ts';
import type { ConversationSummary, ConversationView } from '../../shared/core-api/views.ts';
import { AppError } from '../../shared/errors.ts';
import type { ToastState } from './toasts.ts';

/** Texts of the toasts; the caller has the language. */
export interface ActionWords {
  assignedToMe(count: number): string;
  assignedTo(count: number, name: string): string;
  unassigned(count: number): string;
  moved(count: number, queueName: string): string;
  closed(count: number): string;
  reopened(count: number): string;
  snoozed(count: number, until: number | null): string;
  waiting(count: number): string;
  undone(): string;
  nothingToDo(): string;
  error(error: AppError): string;
}

export interface ConversationActions {
  /** Null gives them back to their queue. */
  assign(ids: readonly string[], agent: { id: string; name: string } | null): Promise<void>;
  assignToMe(ids: readonly string[]): Promise<void>;
  move(ids: readonly string[], queue: { id: string; name: string }): Promise<void>;
  close(ids: readonly string[]): Promise<void>;
  reopen(ids: readonly string[]): Promise<void>;
  /** Epoch ms, or null until the customer writes. */
  snooze(ids: readonly string[], until: number | null): Promise<void>;
  wait(ids: readonly string[]): Promise<void>;
}

export interface ActionParts {
  core: CoreClient;
  words: () => ActionWords;
  toasts: () => ToastState;
  makeId: () => string;
  me: () => { id: string } | null;
  summaryOf: (id: string) => Promise<ConversationSummary | null>;
  /** They may be out of sight from now on. */
  handOver: (ids: readonly string[]) => void;
}

type ListCommand =
  | 'conversation.assign'
  | 'conversation.move'
  | 'conversation.close'
  | 'conversation.reopen'
  | 'conversation.snooze'
  | 'conversation.wait';

/** How a conversation that a command changed stands when that is undone. */
interface Found {
  /** Before the command. */
  was: ConversationSummary;
  /** Null where it cannot be read any more. */
  now: ConversationView | null;
  /** Escalations that ended with the command, the last one first. */
  ended: readonly EscalationOrigin[];
  /** By somebody since: it is left as it is. */
  isChanged: boolean;
  /** Why it is not known whether escalations of it ended; else null. */
  failure: unknown;
}

type EscalationOrigin = NonNullable<ConversationView['escalation']>['earlier'][number];

/** The last one first. */
function escalationsOf(one: ConversationView | undefined): EscalationOrigin[] {
  return one?.escalation == null ? [] : [one.escalation, ...one.escalation.earlier];
}

function changedMeanwhile(): AppError {
  return new AppError('conflict', 'It was changed since.', { reason: 'changed-meanwhile' });
}

/**
 * What an agent does to one or many conversations from wherever: the command, a toast that says so, and its undo.
 * Undo takes the command out of the outbox while it is there; once it was sent it issues the inverse, with what was
 * so before. Failures become a toast; the promises never reject.
 */
export function createConversationActions(parts: ActionParts): ConversationActions {
  const { core, words, toasts, makeId, me, summaryOf, handOver } = parts;

  const run = async <Name extends ListCommand>(
    name: Name,
    ids: readonly string[],
    input: Omit<CoreInput<Name>, 'conversationIds' | 'commandId'>,
    parts: {
      /** Whether it would change anything of this one. */
      isNeeded: (one: ConversationSummary) => boolean;
      said: (count: number) => string;
      /** Whether one is still where this has put it: what somebody changed since is not changed back. */
      isAsLeft?: (now: ConversationSummary) => boolean;
      invert: (before: ConversationSummary[]) => Promise<unknown>;
    },
  ) => {
    try {
      const known = await Promise.all(ids.map(async (id) => ({ id, before: await summaryOf(id) })));
      const needed = known.filter(({ before }) => before === null || parts.isNeeded(before));
      if (needed.length === 0) return toasts().show({ tone: 'info', text: words().nothingToDo() });
      const commandId = makeId();
      const conversationIds = needed.map(({ id }) => id);
      const isGiven = name === 'conversation.assign' || name === 'conversation.move';
      const escalated = isGiven ? await escalatedOf(needed.flatMap((one) => one.before ?? [])) : [];
      await core.request(name, { ...input, conversationIds, commandId } as CoreInput<Name>);
      if (isGiven) handOver(conversationIds);
      const before = needed.flatMap((one) => one.before ?? []);
      const undo = async () => {
        try {
          await takeBack(commandId, async () => {
            const found = parts.isAsLeft === undefined ? null : await findAll(before, escalated, parts.isAsLeft);
            const left = found?.filter(({ isChanged }) => !isChanged);
            const failure = await escalateAgain(left ?? []);
            await parts.invert(left?.map(({ was }) => was) ?? before);
            if (failure !== null) throw failure;
            if (found !== null && found.length > left!.length) throw changedMeanwhile();
          });
          toasts().show({ tone: 'info', text: words().undone() });
        } catch (error) {
          showError(error);
        }
      };
      toasts().show({ tone: 'info', text: parts.said(needed.length), undo: () => void undo() });
    } catch (error) {
      showError(error);
    }
  };

  const takeBack = async (commandId: string, invert: () => Promise<unknown>) => {
    try {
      await core.request('outbox.undo', { commandId });
    } catch (error) {
      const wasSent = error instanceof AppError && (error.kind === 'conflict' || error.kind === 'not_found');
      if (!wasSent) throw error;
      await invert();
    }
  };

  const showError = (error: unknown) => {
    const failure = error instanceof AppError ? error : new AppError('internal', String(error), { cause: error });
    toasts().show({ tone: 'error', text: words().error(failure) });
  };

  const escalatedOf = async (ones: ConversationSummary[]): Promise<ConversationView[]> => {
    const found = ones
      .filter(({ tier }) => tier > 1)
      .map(({ id }) => core.request('conversation.get', { conversationId: id }).catch(() => []));
    return (await Promise.all(found)).flat();
  };

  /**
   * How what is to be undone stands now. What cannot be read any more is not known to be changed: it is tried.
   * @param isAsLeft whether a conversation is where this agent's command has put it
   */
  const findAll = (
    before: ConversationSummary[],
    escalated: ConversationView[],
    isAsLeft: (now: ConversationSummary) => boolean,
  ): Promise<Found[]> =>
    Promise.all(
      before.map(async (one) => {
        const view = escalated.find(({ id }) => id === one.id);
        const was = view ?? one;
        const stack = escalationsOf(view);
        try {
          const now = await core.request('conversation.get', { conversationId: one.id });
          const left = escalationsOf(now);
          const ended = stack.slice(0, Math.max(0, stack.length - left.length));
          const isSameTier = now.tier === (ended.at(-1)?.fromTier ?? was.tier);
          const isSameEscalation = view === undefined || left[0]?.reason === stack[ended.length]?.reason;
          return { was, now, ended, isChanged: !isSameTier || !isSameEscalation || !isAsLeft(now), failure: null };
        } catch (error) {
          return { was, now: null, ended: [], isChanged: false, failure: stack.length > 0 ? error : null };
        }
      }),
    );

  /**
   * What went back to where an escalation came from has lost it: there is no other inverse of that. It is escalated from
   * there, so that it can be handed back there again; once for each that ended, the first one first.
   * @returns why one of them could not be escalated, which is no reason to leave the others
   */
  const escalateAgain = async (found: Found[]): Promise<unknown> => {
    let failure: unknown = found.find((one) => one.failure !== null)?.failure ?? null;
    for (const { was, now, ended } of found) {
      const first = ended.at(-1);
      if (now === null || first === undefined) continue;
      const { id: conversationId, tier, queue } = was;
      try {
        if (now.queue.id !== first.fromQueue.id) {
          await core.request('conversation.move', { conversationIds: [conversationId], queueId: first.fromQueue.id });
        }
        for (const [index, { reason }] of [...ended.entries()].toReversed()) {
          const next = ended[index - 1];
          const to =
            next === undefined ? { tier, queueId: queue.id } : { tier: next.fromTier, queueId: next.fromQueue.id };
          await core.request('conversation.escalate', { conversationId, ...to, reason });
        }
      } catch (error) {
        failure ??= error;
      }
    }
    return failure;
  };

  /** One command for each value that the conversations had before. */
  const restore = (
    before: ConversationSummary[],
    valueOf: (one: ConversationSummary) => string | null,
    send: (ids: string[], value: string | null) => Promise<unknown>,
  ) => {
    const groups = Map.groupBy(before, valueOf);
    return Promise.all(
      [...groups].map(([value, ones]) =>
        send(
          ones.map((one) => one.id),
          value,
        ),
      ),
    );
  };

  const restoreAssignee = (before: ConversationSummary[]) =>
    restore(
      before,
      (one) => one.assignee?.id ?? null,
      (conversationIds, agentId) => core.request('conversation.assign', { conversationIds, agentId }),
    );

  /** A move may have taken the assignee away: whoever does not serve the new queue loses it. */
  const restoreQueue = async (before: ConversationSummary[]) => {
    await restore(
      before,
      (one) => one.queue.id,
      (conversationIds, queueId) => core.request('conversation.move', { conversationIds, queueId: queueId! }),
    );
    await restoreAssignee(before.filter((one) => one.assignee !== null));
  };

  const restoreState = (before: ConversationSummary[]) => {
    const groups = Map.groupBy(before, (one) => `${one.state}|${one.snoozedUntil ?? ''}`);
    return Promise.all(
      [...groups.values()].map((ones) => {
        const conversationIds = ones.map((one) => one.id);
        const { state, snoozedUntil } = ones[0]!;
        if (state === 'closed') return core.request('conversation.close', { conversationIds });
        if (state === 'snoozed') return core.request('conversation.snooze', { conversationIds, until: snoozedUntil });
        if (state === 'waiting') return core.request('conversation.wait', { conversationIds });
        return core.request('conversation.reopen', { conversationIds });
      }),
    );
  };

  const assign: ConversationActions['assign'] = (ids, agent) =>
    run(
      'conversation.assign',
      ids,
      { agentId: agent?.id ?? null },
      {
        isNeeded: (one) => (one.assignee?.id ?? null) !== (agent?.id ?? null),
        isAsLeft: (now) => (now.assignee?.id ?? null) === (agent?.id ?? null),
        said: (count) => {
          if (agent === null) return words().unassigned(count);
          return agent.id === me()?.id ? words().assignedToMe(count) : words().assignedTo(count, agent.name);
        },
        invert: restoreAssignee,
      },
    );
  const isNot = (state: ConversationSummary['state']) => (one: ConversationSummary) => one.state !== state;

  return {
    assign,
    async assignToMe(ids) {
      const self = me();
      if (self !== null) await assign(ids, { id: self.id, name: '' });
    },
    move: (ids, queue) =>
      run(
        'conversation.move',
        ids,
        { queueId: queue.id },
        {
          isNeeded: (one) => one.queue.id !== queue.id,
          isAsLeft: (now) => now.queue.id === queue.id,
          said: (count) => words().moved(count, queue.name),
          invert: restoreQueue,
        },
      ),
    close: (ids) =>
      run('conversation.close', ids, {}, { isNeeded: isNot('closed'), said: words().closed, invert: restoreState }),
    reopen: (ids) =>
      run('conversation.reopen', ids, {}, { isNeeded: isNot('open'), said: words().reopened, invert: restoreState }),
    snooze: (ids, until) =>
      run(
        'conversation.snooze',
        ids,
        { until },
        { isNeeded: () => true, said: (count) => words().snoozed(count, until), invert: restoreState },
      ),
    wait: (ids) =>
      run('conversation.wait', ids, {}, { isNeeded: isNot('waiting'), said: words().waiting, invert: restoreState }),
  };
}
