import type { RefusedCommand } from './cache/local-state.ts';
import type { Outbox } from './outbox/outbox.ts';

/** What was refused and waits for its agent, as views show it. */
export function refusedOf({ commands }: Outbox): RefusedCommand[] {
  return commands.listRefused().map(({ command, error, at }) => ({
    commandId: command.id,
    type: command.type,
    subjects: command.subjects,
    args: command.args,
    error,
    at,
    blocked: commands
      .listBlockedBy(command.id)
      .map((one) => ({ commandId: one.command.id, type: one.command.type, args: one.command.args })),
  }));
}
