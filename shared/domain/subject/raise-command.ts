import { AppError } from '../../errors.ts';
import type { CommandSpec } from './subject-kind.ts';

/** What a version of a command says, and what its writer saw. */
export interface CommandContent {
  args: unknown;
  base?: unknown;
}

/**
 * A command of an older version as the present one: commands wait in outboxes over an upgrade, and consoles are a
 * version behind their relay (SYNC-P1). Only whoever decides raises; what travels and is hashed stays as it was written.
 * @throws AppError `incompatible` for a version that is newer than this
 */
export function raiseCommand(spec: CommandSpec, v: number, content: CommandContent): CommandContent {
  if (v > spec.v) {
    throw new AppError('incompatible', 'This command is of a newer version.', {
      reason: 'command-unknown',
      params: { type: spec.type, v },
    });
  }
  let raised = content;
  // A version without a step only added what may be left out.
  for (let version = v; version < spec.v; version += 1) raised = spec.upcast?.[version]?.(raised) ?? raised;
  return raised;
}
