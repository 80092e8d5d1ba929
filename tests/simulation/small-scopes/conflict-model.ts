/**
 * What the rules of conflict say, in the fewest words and without a line of the product: the state of two conversations,
 * and what each command does to it or is refused with. Written from docs/sync-spec.md, not from the code.
 */
export interface ModelAgent {
  queues: readonly string[];
  tier: number;
  mayOverride: boolean;
}

export const AGENTS: Record<string, ModelAgent> = {
  lan: { queues: ['sales', 'returns'], tier: 1, mayOverride: false },
  minh: { queues: ['sales'], tier: 1, mayOverride: false },
  linh: { queues: ['sales', 'returns', 'experts'], tier: 2, mayOverride: true },
};

export interface ModelConversation {
  state: 'open' | 'waiting' | 'snoozed' | 'closed';
  snoozedUntil: number | null;
  assignee: string | null;
  /** Name of the command that set the assignee last. */
  version: string;
  tier: number;
  /** Name and origin of each escalation that has not ended, the last one first, with the tier it raised. */
  escalations: { name: string; by: string; queue: string; tier: number }[];
  queue: string;
  tags: string[];
  priority: string;
  participants: string[];
  isWaiting: boolean;
  /** `author: text`, notes too, in order. */
  messages: string[];
  customerMessages: number;
  repliesBy: Record<string, number>;
}

export type Model = Record<'a' | 'b', ModelConversation>;
type Id = keyof Model;

export type Step =
  | { type: 'reply'; text: string; isLate: boolean; isConfirmed: boolean }
  | { type: 'note'; text: string; mentions: string[] }
  | { type: 'assign'; ids: Id[]; to: string | null; isForced: boolean }
  | { type: 'move'; to: string }
  | { type: 'close'; ids: Id[] }
  | { type: 'reopen' | 'wait' }
  | { type: 'snooze'; until: number | null }
  | { type: 'escalate'; tier: number | null }
  | { type: 'tag'; add: string[]; remove: string[] }
  | { type: 'priority'; priority: string }
  | { type: 'customer'; text: string }
  | { type: 'wake'; until: number };

/** Who does it, under what id, and the confirmed and the predicted state that it was written on. */
export interface Written {
  id: string;
  by: string;
  step: Step;
  confirmed: Model;
  predicted: Model;
}

export function startModel(): Model {
  const fresh = (): ModelConversation => ({
    state: 'open',
    snoozedUntil: null,
    assignee: null,
    version: '',
    tier: 1,
    escalations: [],
    queue: 'sales',
    tags: [],
    priority: 'normal',
    participants: [],
    isWaiting: true,
    messages: ['customer: first'],
    customerMessages: 1,
    repliesBy: {},
  });
  return { a: fresh(), b: fresh() };
}

/** Applies a command to a copy. @returns the new state, or the refusal */
export function applyStep(model: Model, written: Written): Model | string {
  const next = structuredClone(model);
  return play(next, written) ?? next;
}

function play(model: Model, { id, by, step, confirmed, predicted }: Written): string | null {
  const one = model.a;
  switch (step.type) {
    case 'customer':
      if (one.state === 'closed' && one.queue === 'returns' && one.assignee !== null) setAssignee(one, null, id);
      setState(one, 'open', null);
      one.isWaiting = true;
      one.customerMessages += 1;
      one.messages.push(`customer: ${step.text}`);
      return null;
    case 'wake':
      if (one.state !== 'snoozed' || one.snoozedUntil !== step.until) return 'conflict/changed-meanwhile';
      setState(one, 'open', null);
      return null;
    case 'assign':
      return assign(model, step, { id, by, predicted });
    case 'close':
      for (const each of step.ids) {
        if (!isVisible(model[each], by)) return 'forbidden/conversation-not-visible';
        if (model[each].customerMessages > confirmed[each].customerMessages) return 'stale/customer-wrote-again';
      }
      for (const each of step.ids) setState(model[each], 'closed', null);
      return null;
    default:
      return isVisible(one, by)
        ? playOnOne(one, { id, by, step, confirmed, predicted })
        : 'forbidden/conversation-not-visible';
  }
}

function playOnOne(one: ModelConversation, { id, by, step, confirmed, predicted }: Written): string | null {
  switch (step.type) {
    case 'reply': {
      const hasMovedOn = foreignMessages(one, by) > foreignMessages(confirmed.a, by);
      if (step.isLate && !step.isConfirmed && hasMovedOn) return 'stale/conversation-moved-on';
      if (one.state === 'closed') one.state = 'open';
      if (one.assignee === null) setAssignee(one, by, id);
      one.isWaiting = false;
      one.repliesBy[by] = (one.repliesBy[by] ?? 0) + 1;
      one.messages.push(`${by}: ${step.text}`);
      return null;
    }
    case 'note':
      for (const name of step.mentions) if (!one.participants.includes(name)) one.participants.push(name);
      one.messages.push(`${by}: ${step.text}`);
      return null;
    case 'move':
      if (one.queue === step.to) return null;
      one.queue = step.to;
      if (one.escalations[0]?.name === predicted.a.escalations[0]?.name) {
        handBack(one, ({ queue }) => queue === step.to);
      }
      if (one.assignee !== null && !AGENTS[one.assignee]!.queues.includes(step.to)) setAssignee(one, null, id);
      return null;
    case 'reopen':
      setState(one, 'open', null);
      return null;
    case 'wait':
      setState(one, 'waiting', null);
      return null;
    case 'snooze':
      setState(one, 'snoozed', step.until);
      return null;
    case 'escalate': {
      const from = predicted.a.tier;
      if (step.tier === null && from === 3) return 'invalid/tier-highest';
      const tier = step.tier ?? from + 1;
      if (tier > one.tier) {
        one.escalations.unshift({ name: id, by, queue: one.queue, tier: one.tier });
        if (one.queue === 'sales') one.queue = 'experts';
        one.tier = tier;
      } else if (one.escalations[0] !== undefined) {
        one.escalations[0] = { ...one.escalations[0], name: id, by };
      }
      setAssignee(one, null, id);
      if (one.state === 'closed') one.state = 'open';
      return null;
    }
    case 'tag':
      one.tags = [...new Set([...one.tags, ...step.add])].filter((tag) => !step.remove.includes(tag)).toSorted();
      return null;
    case 'priority':
      one.priority = step.priority;
      return null;
    default:
      throw new Error(`the model does not know ${step.type}`);
  }
}

/** Compare-and-set, over several conversations whole or not at all; a lead may override. */
function assign(
  model: Model,
  { ids, to, isForced }: Extract<Step, { type: 'assign' }>,
  { id, by, predicted }: Pick<Written, 'id' | 'by' | 'predicted'>,
): string | null {
  const { mayOverride } = AGENTS[by]!;
  if (isForced && !mayOverride) return 'forbidden/lead-only';
  for (const each of ids) {
    const { assignee, version } = model[each];
    if (!isVisible(model[each], by)) return 'forbidden/conversation-not-visible';
    if (!isForced && version !== predicted[each].version) return 'conflict/assigned-meanwhile';
    if (assignee !== null && assignee !== by && !mayOverride) return 'forbidden/assigned-to-other';
  }
  for (const each of ids) {
    const hasSeen = model[each].version === predicted[each].version;
    setAssignee(model[each], to, id);
    if (to === null || !hasSeen || AGENTS[to]!.tier >= model[each].tier) continue;
    handBack(model[each], (escalation) => escalation.by === to);
  }
  return null;
}

/** Ends the last escalation from there, and those after it. */
function handBack(one: ModelConversation, isOrigin: (of: ModelConversation['escalations'][number]) => boolean): void {
  const index = one.escalations.findIndex(isOrigin);
  if (index === -1) return;
  one.tier = one.escalations[index]!.tier;
  one.escalations = one.escalations.slice(index + 1);
}

function setAssignee(one: ModelConversation, to: string | null, version: string): void {
  one.assignee = to;
  one.version = version;
}

function setState(one: ModelConversation, state: ModelConversation['state'], until: number | null): void {
  if (state === 'closed' && one.state !== 'closed') one.isWaiting = false;
  one.state = state;
  one.snoozedUntil = until;
}

function foreignMessages(one: ModelConversation, by: string): number {
  let count = one.customerMessages;
  for (const [author, replies] of Object.entries(one.repliesBy)) if (author !== by) count += replies;
  return count;
}

function isVisible({ queue, assignee, participants, tier }: ModelConversation, by: string): boolean {
  const agent = AGENTS[by]!;
  return (
    agent.queues.includes(queue) || assignee === by || participants.includes(by) || (tier > 1 && agent.tier >= tier)
  );
}
