import type { Command } from '../../../shared/relay-protocol/commands.ts';

/** A command of this device that is not part of the confirmed rows yet. */
export interface PendingCommand {
  command: Command;
  /** When it was given, epoch ms by the relay's clock as this console knew it; the time its prediction shows. */
  at: number;
}
