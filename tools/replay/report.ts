import { setTimeout as sleep } from 'node:timers/promises';
import type { HeadlessAgent } from './agent-end.ts';
import type { PlayedConversation } from './play-conversation.ts';

const RETRY_MS = 500;

export interface Verdict {
  /** In words; empty when everything arrived once and in order, both ways. */
  problems: string[];
  customerLines: number;
  agentLines: number;
  /** Lines compared in the consoles' own stores. */
  comparedInStores: number;
}

/**
 * Compares what was said with what arrived: every customer's feed, and every console's store (all of them, not only
 * the one that answered). Waits a while for consoles that are still catching up.
 */
export async function judge(played: PlayedConversation[], agents: HeadlessAgent[], settleMs: number): Promise<Verdict> {
  const problems = played.flatMap(compareFeed);
  let comparedInStores = 0;
  for (const [index, agent] of agents.entries()) {
    for (const conversation of played) {
      const deadline = performance.now() + settleMs;
      let problem = await compareStore(agent, conversation);
      while (problem !== null && performance.now() < deadline) {
        await sleep(RETRY_MS);
        problem = await compareStore(agent, conversation);
      }
      if (problem === null) comparedInStores += conversation.customerLines.length + conversation.agentLines.length;
      else problems.push(`console ${index + 1}, ${conversation.id}: ${problem}`);
    }
  }
  return {
    problems,
    comparedInStores,
    customerLines: sum(played, (one) => one.customerLines.length),
    agentLines: sum(played, (one) => one.agentLines.length),
  };
}

function compareFeed(played: PlayedConversation): string[] {
  const answers = played.feed.filter((entry) => entry.author === 'agent').map((entry) => entry.text);
  const own = played.feed.filter((entry) => entry.author === 'customer').map((entry) => entry.text);
  return [
    ...difference(`${played.id}: agent's lines at the customer`, played.agentLines, answers),
    ...difference(`${played.id}: own lines at the customer`, texts(played), own),
  ];
}

async function compareStore(agent: HeadlessAgent, played: PlayedConversation): Promise<string | null> {
  if (played.conversationId === null) return null;
  const stored = await agent.readAll(played.conversationId);
  const said = (author: string): string[] => stored.filter((line) => line.author === author).map((line) => line.text);
  const problems = [
    ...difference('customer’s lines in the store', texts(played), said('customer')),
    ...difference('agent’s lines in the store', played.agentLines, said('agent')),
  ];
  const unsent = stored.filter(
    (line) => line.author === 'agent' && !['sent', 'delivered', 'read'].includes(line.state ?? ''),
  );
  if (unsent.length > 0) problems.push(`${unsent.length} answers are still ${String(unsent[0]!.state)}`);
  return problems[0] ?? null;
}

function texts(played: PlayedConversation): string[] {
  return played.customerLines.map((line) => line.text);
}

function difference(what: string, expected: string[], actual: string[]): string[] {
  // The relay stores composed characters and one kind of line end.
  const wanted = expected.map(normalise);
  const found = actual.map(normalise);
  if (wanted.length === found.length && wanted.every((text, index) => text === found[index])) return [];
  const first = wanted.findIndex((text, index) => text !== found[index]);
  return [
    `${what}: ${wanted.length} expected, ${found.length} there, first difference at ${first === -1 ? wanted.length : first}`,
  ];
}

function normalise(text: string): string {
  return text.normalize('NFC').replaceAll(/\r\n?/gu, '\n');
}

export function printReport(played: PlayedConversation[], verdict: Verdict, say: (line: string) => void): void {
  const latencies = played.flatMap((one) => one.customerLines.map((line) => line.latencyMs)).toSorted((a, b) => a - b);
  const at = (share: number): string => `${(latencies[Math.floor((latencies.length - 1) * share)] ?? 0).toFixed(1)} ms`;
  say(
    `Conversations ${played.length}; customers' lines ${verdict.customerLines}; agents' answers ${verdict.agentLines}.`,
  );
  say(`Compared in the consoles' stores: ${verdict.comparedInStores} lines.`);
  say(`Customer's send to the agent's store: p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}.`);
  if (verdict.problems.length === 0) say('Every line arrived once and in order, both ways.');
  else {
    say(`${verdict.problems.length} problems:`);
    for (const problem of verdict.problems.slice(0, 20)) say(`  ${problem}`);
  }
}

function sum<Item>(items: Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
