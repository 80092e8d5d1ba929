import { findCommand } from '../../../shared/domain/registry.ts';

/** Whether the agent is not told of this command; see `CommandSpec.isQuiet`. */
export function isQuiet({ type }: { type: string }): boolean {
  return findCommand(type)?.isQuiet === true;
}
