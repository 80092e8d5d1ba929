import type { Violation } from './history-checker.ts';
import type { Evidence } from './history.ts';

/**
 * Whether each command that was taken and then refused is in its agent's attention list with a reason, and with what
 * arrived meanwhile where that is the reason. Commands that waited for a refused one have to be named with it.
 */
export function explainedConflicts({
  issued,
  relay,
  consoles,
  discarded,
}: Pick<Evidence, 'issued' | 'relay' | 'consoles' | 'discarded'>): {
  violations: Violation[];
  counts: Record<string, number>;
} {
  const violations: Violation[] = [];
  const reasons = new Map<string, number>();
  let blocked = 0;
  for (const { console, commandId, type, outcome } of issued) {
    if (outcome !== 'taken' || discarded.has(commandId)) continue;
    const { attention } = consoles[console]!;
    const name = `${type} ${commandId} of console ${console}`;
    const say = (what: string): void => void violations.push({ invariant: 'explained', what: `${name} ${what}` });
    const result = relay.results.get(commandId);
    if (result?.ok === true) continue;
    if (result === undefined) {
      // It was never decided: it has to be among what a refused one took with it.
      if (attention.some((item) => item.blocked.some((one) => one.commandId === commandId))) blocked += 1;
      else if (!attention.some((item) => item.commandId === commandId)) say('has no result, and its agent is not told');
      continue;
    }
    const item = attention.find((one) => one.commandId === commandId);
    const reason = result.error.reason ?? '';
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    if (item === undefined) say(`was refused (${reason}), and its agent is not told`);
    else if (reason === '' || item.error.reason !== reason)
      say(`was refused (${reason}), and its agent is told ${String(item.error.reason)}`);
    else if (result.error.kind === 'stale' && item.meanwhile.length === 0)
      say(`is ${reason}, and nothing that arrived meanwhile is beside it`);
  }
  const counted = [...reasons].map(([reason, count]) => [`refused and explained: ${reason}`, count] as const);
  return {
    violations,
    counts: { ...Object.fromEntries(counted), 'waiting for one of those, and named with it': blocked },
  };
}
