import type { LoggedEvent } from '../../shared/relay-protocol/frames.ts';
import type { ModelConversation, ModelLine } from './model-conversation.ts';

type ModelState = ModelConversation | { [field: string]: unknown } | null;
interface Version {
  seq: number;
  state: ModelState;
}
type Data = { [field: string]: any }; // oxlint-disable-line typescript/no-explicit-any -- whatever the log has

const RANK = ['queued', 'unknown', 'sent', 'delivered', 'read', 'failed'];

/**
 * What every subject was at every seq, by a second, small reading of the log that shares nothing with the product's
 * own: no fold, no registry, no rule of visibility.
 */
export class ReferenceModel {
  readonly #histories = new Map<string, Version[]>();
  /** Steps back of a delivery that an event claims. */
  readonly backwards: string[] = [];
  head = 0;
  /** Another one after each event, and after a rewind. */
  version = 0;

  subjects(): Iterable<string> {
    return this.#histories.keys();
  }

  at(subject: string, seq: number): ModelState {
    const history = this.#histories.get(subject);
    if (history === undefined) return null;
    for (let index = history.length - 1; index >= 0; index -= 1) {
      const version = history[index]!;
      if (version.seq <= seq) return version.state;
    }
    return null;
  }

  conversation(id: string, seq = this.head): ModelConversation | null {
    return this.at(`conversation:${id}`, seq) as ModelConversation | null;
  }

  /** The log was put back to an older copy of itself. */
  rewind(head: number): void {
    for (const [subject, versions] of this.#histories) {
      const kept = versions.filter(({ seq }) => seq <= head);
      if (kept.length === 0) this.#histories.delete(subject);
      else this.#histories.set(subject, kept);
    }
    this.head = head;
    this.version += 1;
  }

  apply(event: LoggedEvent): void {
    for (const change of event.changes) {
      const before = this.at(change.subject, event.seq);
      const state = this.#next(before, change.subject, change.type, change.data as Data, event, change.index);
      const history = this.#histories.get(change.subject);
      if (history === undefined) this.#histories.set(change.subject, [{ seq: event.seq, state }]);
      else history.push({ seq: event.seq, state });
    }
    this.head = event.seq;
    this.version += 1;
  }

  isVisible(agentId: string, subject: string, seq: number): boolean {
    const state = this.at(subject, seq);
    const agent = this.at(`agent:${agentId}`, seq) as Data | null;
    if (state === null || agent === null || agent['isActive'] !== true) return false;
    const queues = agent['queueIds'] as string[];
    if (subject.startsWith('canned-reply:')) {
      const of = (state as Data)['queueIds'] as string[];
      return of.length === 0 || agent['role'] === 'admin' || of.some((queue) => queues.includes(queue));
    }
    if (subject.startsWith('draft:')) return (state as Data)['agentId'] === agentId;
    if (!subject.startsWith('conversation:')) return true;
    const one = state as ModelConversation;
    const tier = { agent: 1, specialist: 2, lead: 2, manager: 3, admin: 3 }[agent['role'] as string]!;
    return (
      agent['role'] === 'admin' ||
      queues.includes(one.queueId) ||
      one.assigneeId === agentId ||
      one.participants.includes(agentId) ||
      (one.tier > 1 && tier >= one.tier)
    );
  }

  /** Whether a console holds it without being asked to. */
  isDefault(agentId: string, subject: string, heldSince: number, seq: number): boolean {
    const state = this.at(subject, seq);
    if (state === null) return false;
    if (subject.startsWith('customer:')) return ((state as Data)['lastSeenAt'] as number) >= heldSince;
    if (!subject.startsWith('conversation:')) return true;
    const one = state as ModelConversation;
    return one.state !== 'closed' || one.assigneeId === agentId || one.lastMessageAt >= heldSince;
  }

  #next(before: ModelState, subject: string, type: string, data: Data, event: LoggedEvent, index: number): ModelState {
    if (type.endsWith('-put') || type === 'draft-written') return data;
    if (type === 'subject-erased') return { asOf: event.seq, at: event.at };
    if (type.endsWith('-deleted') || type.endsWith('-erased') || type === 'draft-cleared') return null;
    if (subject.startsWith('customer:')) return customerAfter(before as Data | null, type, data);
    return this.#conversation(before as ModelConversation | null, type, data, event, index);
  }

  #conversation(
    before: ModelConversation | null,
    type: string,
    data: Data,
    event: LoggedEvent,
    index: number,
  ): ModelState {
    if (type === 'conversation-started') {
      const { queueId, customerId } = data as { queueId: string; customerId: string };
      return {
        ...{ queueId, customerId, state: 'open', snoozedUntil: null, assigneeId: null, version: '' },
        ...{ priority: 'normal', tier: 1, tags: [], participants: [], lastMessageAt: event.at },
        ...{ customerSeq: 0, publicSeqs: {}, lines: [] },
      };
    }
    if (before === null) throw new Error(`${type} of a conversation that never began`);
    const position = event.seq * 4096 + index;
    const add = (id: string, what: string, delivery: string | null): readonly ModelLine[] => [
      ...before.lines,
      { position, id, what, delivery },
    ];
    const says = (): readonly ModelLine[] => add(`line-${position}`, `system ${type}`, null);
    const reopened = before.state === 'closed' || before.state === 'bot' ? 'open' : before.state;
    switch (type) {
      case 'message-received':
        return {
          ...before,
          ...{ state: 'open', snoozedUntil: null, assigneeId: data['assigneeId'] as string | null },
          version: data['assigneeId'] === before.assigneeId ? before.version : (data['messageId'] as string),
          ...{ customerSeq: event.seq, lastMessageAt: event.at },
          lines: add(data['messageId'] as string, `public ${data['customerId']} ${data['text']}`, null),
        };
      case 'message-sent': {
        const claim = data['claim'] as { assigneeId: string; version: string } | null;
        return {
          ...{ ...before, state: reopened, lastMessageAt: event.at },
          ...(claim === null ? {} : { assigneeId: claim.assigneeId, version: claim.version }),
          publicSeqs: { ...before.publicSeqs, [data['agentId'] as string]: event.seq },
          lines: add(data['messageId'] as string, `public ${data['agentId']} ${data['text']}`, 'queued'),
        };
      }
      case 'note-added':
        return {
          ...before,
          participants: [...new Set([...before.participants, ...(data['mentions'] as string[])])],
          lines: add(data['messageId'] as string, `note ${data['agentId']} ${data['text']}`, null),
        };
      case 'delivery-updated':
        return { ...before, lines: before.lines.map((line) => this.#delivered(line, data, event.seq)) };
      case 'conversation-assigned':
        return { ...before, assigneeId: data['assigneeId'], version: data['version'], lines: says() };
      case 'conversation-moved':
        return {
          ...{ ...before, queueId: data['queueId'], assigneeId: data['assigneeId'] },
          ...{ version: data['version'] ?? before.version, lines: says() },
        };
      case 'conversation-state-changed':
        return { ...before, state: data['state'], snoozedUntil: data['snoozedUntil'], lines: says() };
      case 'conversation-escalated':
        return {
          ...{ ...before, tier: data['tier'], queueId: data['queueId'], assigneeId: null, version: data['version'] },
          ...{ state: before.state === 'closed' ? 'open' : before.state, lines: says() },
        };
      case 'conversation-handed-back':
        return { ...before, tier: data['tier'], lines: says() };
      case 'conversation-tagged': {
        const tags = new Set([...before.tags, ...(data['added'] as string[])]);
        for (const tag of data['removed'] as string[]) tags.delete(tag);
        return { ...before, tags: [...tags] };
      }
      case 'conversation-priority-set':
        return { ...before, priority: data['priority'], lines: says() };
      default:
        throw new Error(`the reference does not know ${type}: teach it`);
    }
  }

  #delivered(line: ModelLine, data: Data, seq: number): ModelLine {
    if (!(data['messageIds'] as string[]).includes(line.id) || line.delivery === null) return line;
    const state = data['state'] as string;
    const isBack =
      line.delivery === 'failed' ||
      (state === 'failed' ? RANK.indexOf(line.delivery) >= 3 : RANK.indexOf(state) <= RANK.indexOf(line.delivery));
    if (isBack) this.backwards.push(`#${seq} takes ${line.id} from ${line.delivery} to ${state}`);
    return { ...line, delivery: state };
  }
}

function customerAfter(before: Data | null, type: string, data: Data): Data {
  const known = before ?? { lastSeenAt: 0, identities: [] };
  const profile = Object.entries(data['profile'] as Data).filter(([, value]) => value !== undefined);
  const after = { ...known, ...Object.fromEntries(profile) };
  if (type === 'customer-updated') return after;
  const { identity, seenAt } = data as { identity: { externalId: string } | null; seenAt: number };
  const others = (known['identities'] as string[]).filter((one) => one !== identity?.externalId);
  return {
    ...after,
    lastSeenAt: Math.max(known['lastSeenAt'] as number, seenAt),
    identities: identity === null ? known['identities'] : [...others, identity.externalId],
  };
}
