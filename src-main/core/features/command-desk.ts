import { AppError } from '../../../shared/errors.ts';
import type { Clock } from '../../../shared/primitives/clock.ts';
import { isTooLarge } from '../../../shared/relay-protocol/command-size.ts';
import { MAX_COMMAND_BYTES, MAX_SUBJECTS_PER_COMMAND } from '../../../shared/relay-protocol/commands.ts';
import type { Cache } from '../cache/cache.ts';
import type { OutboxCommand } from '../outbox/command-store.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { CommandOutlet } from './feature-context.ts';

export interface CommandRequest {
  type: string;
  args: unknown;
  /** UUIDv7; the same again repeats nothing. */
  commandId: string;
}

export interface CommandDeskParts {
  cache: Cache;
  outbox: Outbox;
  outlet: CommandOutlet;
  clock: Clock;
  relayNow(): number;
}

/** What ends a conversation presupposes the reply before it: if that is refused, this waits for the agent as well. */
const AFTER_A_REPLY = new Set(['conversation.close', 'conversation.wait', 'conversation.snooze']);

/**
 * The way of a command into the outbox, one after the other, so that each is decided over what those before it do:
 * decide on what the agent sees, write to disk, show, submit.
 */
export class CommandDesk {
  readonly #parts: CommandDeskParts;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(parts: CommandDeskParts) {
    this.#parts = parts;
  }

  /**
   * Resolves once the command is safe in the outbox. A repetition of a command id that is known here resolves to the
   * command as it was given first.
   * @throws AppError the refusal, `invalid`, `too_large`
   */
  submit(request: CommandRequest): Promise<{ args: unknown }> {
    return this.inOrder(() => this.#submit(request));
  }

  /** Runs `work` when all that was asked before is done. */
  inOrder<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const run = this.#queue.then(work, work);
    this.#queue = run.catch(() => undefined);
    return run;
  }

  /** A written command: shown, and on its way. */
  async release(entry: OutboxCommand): Promise<void> {
    try {
      await this.#parts.cache.addPending({ command: entry.command, at: entry.at });
    } catch {
      // Whatever becomes of the view, what is in the outbox goes out: whoever was told that it failed would do it again.
    }
    this.#parts.outlet.enqueue(entry);
  }

  async #submit({ type, args, commandId }: CommandRequest): Promise<{ args: unknown }> {
    const { cache, outbox, clock, relayNow } = this.#parts;
    const known = outbox.commands.find(commandId) ?? outbox.commands.findRefused(commandId);
    if (known !== null) {
      if (known.command.type === type) return { args: known.command.args };
      throw new AppError('id_reuse', 'This command id was used for something else.', { reason: 'id-reuse' });
    }
    const at = relayNow();
    const prepared = await cache.prepare(type, args, commandId, at);
    const command = {
      ...{ id: commandId, type, v: prepared.v, subjects: prepared.subjects, args: prepared.args },
      ...(prepared.base === undefined ? {} : { base: prepared.base }),
      after: AFTER_A_REPLY.has(type) ? this.#unconfirmedReply(prepared.subjects) : null,
      clientAt: clock.now(),
    };
    requireSize(command);
    const entry = outbox.commands.add({ ...command, fileIds: prepared.fileIds, at });
    await this.release(entry);
    return { args: prepared.args };
  }

  /** The newest reply in any of these conversations that the relay has not confirmed; it stands for those before it. */
  #unconfirmedReply(subjects: readonly string[]): string | null {
    const reply = this.#parts.outbox.commands
      .listOpen()
      .findLast(
        ({ command, state }) =>
          command.type === 'message.send' &&
          (state === 'waiting' || state === 'sent') &&
          command.subjects.some((subject) => subjects.includes(subject)),
      );
    return reply?.command.id ?? null;
  }
}

/** What the relay would refuse for its size never gets into a lane (SYNC-C1). */
function requireSize(command: { subjects: readonly string[] }): void {
  if (command.subjects.length > MAX_SUBJECTS_PER_COMMAND || isTooLarge(command)) {
    throw new AppError('too_large', 'This is too much for one command; split it.', {
      reason: 'command-too-large',
      params: { limitKb: MAX_COMMAND_BYTES / 1024 },
    });
  }
}
