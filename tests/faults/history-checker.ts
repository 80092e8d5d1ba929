import { accessOf } from '../../shared/domain/agent/agent.ts';
import type { Conversation } from '../../shared/domain/conversation/conversation.ts';
import { isConversationVisible } from '../../shared/domain/conversation/decide.ts';
import type { Message } from '../../shared/domain/conversation/message.ts';
import { checkCursors } from './check-cursors.ts';
import { type ConsoleEvidence, type Evidence, type Feed, type RelayEvidence, marksIn } from './history.ts';

export interface Violation {
  /** Of design and simulator: INV-3 and so on; `run` for what no invariant speaks of. */
  invariant: string;
  what: string;
}

type Say = (invariant: string, what: string) => void;

/** Judges what a run left behind. Says nothing about how it came to be so. */
export function checkHistory(evidence: Evidence): Violation[] {
  const violations: Violation[] = [];
  const say: Say = (invariant, what) => violations.push({ invariant, what });
  for (const incident of evidence.incidents) say('run', incident);
  checkCommands(evidence, say);
  checkOrder(evidence, say);
  checkFeeds(evidence, say);
  checkDisks(evidence, say);
  checkSequence(evidence, say);
  checkTexts(evidence, say);
  checkViews(evidence, say);
  checkLiveness(evidence, say);
  return violations;
}

/** INV-3: each command id has at most one effect and exactly one result; ok if and only if the effect is in the log. */
function checkCommands({ issued, relay, consoles, discarded, destroyed }: Evidence, say: Say): void {
  const eventsOf = Map.groupBy(relay.events, ({ commandId }) => commandId);
  for (const [commandId, events] of eventsOf) {
    if (events.length > 1)
      say('INV-3', `command ${commandId} made ${events.length} events: ${events.map(({ seq }) => seq).join(', ')}`);
  }
  const messageIds = relay.events
    .flatMap(({ changes }) => changes)
    .filter(({ type }) => type === 'message-sent' || type === 'note-added' || type === 'message-received')
    .map(({ data }) => (data as { messageId: string }).messageId);
  for (const messageId of repeated(messageIds)) say('INV-3', `message ${messageId} is in the log more than once`);

  for (const command of issued) {
    const name = `${command.type} ${command.commandId} of console ${command.console}`;
    const result = relay.results.get(command.commandId);
    const event = eventsOf.get(command.commandId)?.[0];
    if (command.outcome === 'refused' && (event !== undefined || result?.ok === true)) {
      say('INV-3', `${name} was refused on the spot (${String(command.error)}) and executed all the same`);
    }
    if (result === undefined) {
      if (event !== undefined) say('INV-3', `${name} is in the log without a result`);
      const isKnown = consoles[command.console]!.outbox.commandIds.includes(command.commandId);
      const isGone = discarded.has(command.commandId) || destroyed.has(command.commandId);
      if (command.outcome === 'taken' && !isKnown && !isGone)
        say('INV-3', `${name} was taken and has no result anywhere`);
    } else if (result.ok) {
      const isWriting = command.type === 'message.send' || command.type === 'note.add';
      if (isWriting && event === undefined && result.seq > relay.floor)
        say('INV-3', `${name} succeeded without an event`);
      if (event !== undefined && event.seq !== result.seq) {
        say('INV-3', `${name} has the result seq ${result.seq} and the event ${event.seq}`);
      }
    } else if (event !== undefined)
      say('INV-3', `${name} was refused (${result.error.kind}) and is in the log as ${event.seq}`);
  }
}

/** INV-4: per device and lane, the log's order is that in which the commands were given. */
function checkOrder({ issued, relay }: Evidence, say: Say): void {
  const seqOf = new Map(relay.events.map(({ commandId, seq }) => [commandId, seq]));
  const last = new Map<string, { commandId: string; seq: number }>();
  for (const { console, commandId, conversationIds } of issued) {
    const seq = seqOf.get(commandId);
    if (seq === undefined) continue;
    for (const conversationId of conversationIds) {
      const lane = `console ${console}, conversation ${conversationId}`;
      const before = last.get(lane);
      if (before !== undefined && before.seq > seq) {
        say('INV-4', `${lane}: ${commandId} (${seq}) was given after ${before.commandId} (${before.seq})`);
      }
      last.set(lane, { commandId, seq });
    }
  }
}

/** INV-5: each answer reaches the customer's page once, and so does each line of the customer's own. */
function checkFeeds({ feeds, relay, customerLines, rewoundCustomers }: Evidence, say: Say): void {
  const customerOf = new Map<string, number>();
  for (const { conversationId, customer } of customerLines) {
    if (conversationId !== null) customerOf.set(conversationId, customer);
  }
  const publicOf = Map.groupBy(
    relay.messages.filter(({ kind }) => kind === 'public'),
    ({ subjectId }) => customerOf.get(subjectId),
  );
  for (const feed of feeds) {
    const name = `customer ${feed.customer}, ${feed.page} page`;
    // A page that was open while the relay was set back is told again what the relay does not know it has told, and
    // leaves that out by its id; and it saw what the relay has forgotten.
    if (feed.page === 'kept-open' && rewoundCustomers.has(feed.customer)) continue;
    for (const entry of repeated(feed.entries.map(({ messageId, part }) => `${messageId}, part ${part}`))) {
      say('INV-5', `${name} shows message ${entry} more than once`);
    }
    const messages = publicOf.get(feed.customer) ?? [];
    compareFeed(name, feed, messages, say);
  }
  for (const message of relay.messages) {
    const { state = null } = message.delivery ?? {};
    if (state !== null && !['sent', 'delivered', 'read'].includes(state)) {
      say('INV-5', `answer ${message.id} of conversation ${message.subjectId} is ${state} in the end`);
    }
  }
}

function compareFeed(name: string, feed: Feed, messages: readonly Message[], say: Say): void {
  const shown = new Set(feed.entries.map(({ messageId }) => messageId));
  const known = new Set(messages.map(({ id }) => id));
  for (const { id, text } of messages) {
    if (!shown.has(id)) say('INV-5', `${name} does not show message ${id} (${text.slice(0, 20)})`);
  }
  for (const id of shown) if (!known.has(id)) say('INV-5', `${name} shows message ${id}, which is not in the log`);
}

/** INV-6: nothing that its agent may not see lies on a console's disk. */
function checkDisks({ consoles, relay }: Evidence, say: Say): void {
  const marksOf = new Map<string, string[]>();
  for (const { subjectId, text } of relay.messages) {
    marksOf.set(subjectId, [...(marksOf.get(subjectId) ?? []), ...marksIn(text)]);
  }
  for (const [index, console] of consoles.entries()) {
    const visible = new Set(visibleTo(console, relay).map(({ id }) => id));
    for (const id of console.cache.conversationIds) {
      if (!visible.has(id)) say('INV-6', `console ${index} holds conversation ${id}, which its agent may not see`);
    }
    const seen = marksIn(console.cache.content);
    for (const { id } of relay.conversations) {
      if (visible.has(id)) continue;
      const left = seen.find((mark) => marksOf.get(id)?.includes(mark));
      if (left !== undefined)
        say('INV-6', `console ${index}: ${left} of the hidden conversation ${id} is still in the decrypted cache`);
    }
  }
}

/** INV-7: no gap in the log; no cursor goes back. */
function checkSequence({ relay, cursors }: Evidence, say: Say): void {
  let expected = relay.floor + 1;
  for (const { seq } of relay.events) {
    if (seq !== expected) say('INV-7', `the log has ${seq} where ${expected} should be`);
    expected = seq + 1;
  }
  if (expected !== relay.head + 1) say('INV-7', `the log ends at ${expected - 1} and says ${relay.head}`);
  for (const what of checkCursors(cursors)) say('INV-7', what);
}

/** INV-10: whatever was taken is in the log, the outbox, the attention list or a draft, unless its writer dropped it. */
function checkTexts({ issued, customerLines, relay, consoles, discarded, destroyed }: Evidence, say: Say): void {
  const inLog = new Set(relay.messages.flatMap(({ text }) => marksIn(text)));
  const atConsole = consoles.map(({ outbox }) => {
    return new Set([...outbox.open, ...outbox.attention, ...outbox.drafts].flatMap((text) => marksIn(text)));
  });
  for (const { console, type, marks, outcome, commandId } of issued) {
    if (outcome !== 'taken') continue;
    for (const mark of marks) {
      if (inLog.has(mark) || atConsole[console]!.has(mark) || discarded.has(mark) || destroyed.has(mark)) continue;
      say('INV-10', `${mark} (${type} ${commandId} of console ${console}) is lost`);
    }
  }
  for (const { mark, messageId, customer } of customerLines) {
    if (messageId !== null && !inLog.has(mark) && !destroyed.has(mark)) {
      say('INV-10', `${mark} of customer ${customer}, accepted as ${messageId}, is lost`);
    }
  }
}

/** INV-1, INV-11: every console shows what the relay has, all of what its agent may see, and nothing else. */
function checkViews({ consoles, relay }: Evidence, say: Say): void {
  const messagesOf = Map.groupBy(
    relay.messages.filter(({ kind }) => kind !== 'system'),
    ({ subjectId }) => subjectId,
  );
  for (const [index, console] of consoles.entries()) {
    const visible = new Map(visibleTo(console, relay).map((root) => [root.id, root]));
    const shownIds = new Set(console.shown.map(({ id }) => id));
    for (const id of visible.keys())
      if (!shownIds.has(id)) say('INV-1', `console ${index} does not show conversation ${id}`);
    for (const shown of console.shown) {
      const root = visible.get(shown.id);
      const name = `console ${index}, conversation ${shown.id}`;
      if (root === undefined) {
        say('INV-1', `${name}: shown, but not for its agent to see`);
        continue;
      }
      const ours = [shown.state, shown.assigneeId, shown.queueId, shown.priority, shown.tags.toSorted().join()];
      const theirs = [root.state, root.assigneeId, root.queueId, root.priority, root.tags.toSorted().join()];
      if (ours.join('|') !== theirs.join('|'))
        say('INV-1', `${name} shows ${ours.join('|')}, the relay has ${theirs.join('|')}`);
      // What was refused is shown where it was written, with its text, until its agent has decided.
      const confirmed = shown.lines.filter(({ state }) => state !== 'refused');
      for (const { id } of confirmed.filter(({ isPending }) => isPending))
        say('INV-11', `${name}: ${id} is still pending`);
      const lines = confirmed.map(({ id, text }) => `${id} ${text}`);
      const truth = (messagesOf.get(shown.id) ?? [])
        .toSorted((one, other) => one.position - other.position)
        .map(({ id, text }) => `${id} ${text}`);
      const first = truth.findIndex((line, at) => line !== lines[at]);
      if (first !== -1 || lines.length !== truth.length) {
        const at = first === -1 ? truth.length : first;
        say('INV-1', `${name}: ${lines.length} lines shown, ${truth.length} in the log, the first difference at ${at}`);
      }
    }
  }
}

/** INV-13: after healing everybody reaches the head and nothing waits. */
function checkLiveness({ consoles, relay }: Evidence, say: Say): void {
  for (const [index, { status }] of consoles.entries()) {
    if (status.state !== 'online') say('INV-13', `console ${index} is ${status.state} in the end`);
    if (status.cursor !== relay.head) say('INV-13', `console ${index} ended at ${status.cursor} of ${relay.head}`);
    if (status.pendingCount !== 0) say('INV-13', `console ${index} ended with ${status.pendingCount} commands waiting`);
  }
}

function visibleTo(console: ConsoleEvidence, relay: RelayEvidence): Conversation[] {
  const agent = relay.agents.find(({ id }) => id === console.agentId);
  if (agent === undefined || !agent.isActive) return [];
  return relay.conversations.filter((root) => isConversationVisible(accessOf(agent), root));
}

function repeated(values: readonly string[]): Set<string> {
  const seen = new Set<string>();
  return new Set(values.filter((value) => seen.has(value) || (seen.add(value), false)));
}
