import type { AgentView } from '../../../shared/core-api/views.ts';
import { foldText } from '../../../shared/primitives/fold-text.ts';

/** Most names that the list offers. */
const OFFERED = 8;

/** Colleagues whose name has a word that begins so; accents and case do not matter. */
export function findColleagues(agents: readonly AgentView[], text: string, ownId: string | null): AgentView[] {
  const wanted = foldText(text.trim());
  return agents
    .filter((agent) => agent.isActive && agent.id !== ownId)
    .filter((agent) => {
      const name = foldText(agent.name);
      return name.startsWith(wanted) || name.includes(` ${wanted}`);
    })
    .slice(0, OFFERED);
}

/** Ids of the colleagues whose whole name stands after an `@` in the text. A longer name wins over its beginning. */
export function mentionedIds(agents: readonly AgentView[], text: string): string[] {
  const byLength = agents.toSorted((one, other) => other.name.length - one.name.length);
  const found = new Set<string>();
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    const named = byLength.find((agent) => text.startsWith(agent.name, at + 1));
    if (named !== undefined) found.add(named.id);
  }
  return [...found];
}
