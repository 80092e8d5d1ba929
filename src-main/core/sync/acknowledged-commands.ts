import { makeErrorBody } from '../../../shared/errors.ts';
import type { Welcome } from '../../../shared/relay-protocol/from-relay.ts';
import type { Hello } from '../../../shared/relay-protocol/to-relay.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { KnownLineage } from './lineage.ts';

interface AcknowledgedCommandsParts {
  outbox: Pick<Outbox, 'commands' | 'settings'>;
  /** Epoch ms by the relay's clock. */
  now(): number;
  /** The log has another history than the one that was known, and shares it up to this seq. */
  onOtherHistory(sharedUpTo: number): void;
  /** The relay lost these, which are in the attention list now. */
  onReclaimed(commandIds: string[]): void;
}

/** What the relay acknowledged, held against the history that its log has now. */
export class AcknowledgedCommands {
  readonly #parts: AcknowledgedCommandsParts;
  readonly #lineage: KnownLineage;

  constructor(parts: AcknowledgedCommandsParts) {
    this.#parts = parts;
    this.#lineage = new KnownLineage(parts.outbox.settings);
  }

  /** By which a relay knows its log for an older copy of itself, also when others have moved the head on (SYNC-L3). */
  newestIn(epoch: string | null): Pick<Hello, 'newest'> {
    const newest = this.#lineage.isOf(epoch) ? this.#parts.outbox.commands.newestAcknowledged() : null;
    return newest === null ? {} : { newest };
  }

  /**
   * What was acknowledged under another history of the log may be no part of this one. The relay is asked for it, since
   * others may have given it the same again; what it does not know is lost, and comes back to the agent (SYNC-O6).
   * @param lookUp which of these the relay knows
   */
  async findLost(
    welcome: Welcome,
    lookUp: (commandIds: readonly string[]) => Promise<Iterable<string>>,
  ): Promise<void> {
    const { commands } = this.#parts.outbox;
    const beyond = this.#lineage.lostBeyond(welcome);
    if (beyond !== null) {
      this.#parts.onOtherHistory(beyond);
      const suspects = commands.listAcknowledgedBeyond(beyond);
      const kept = new Set(welcome.protocol < 2 ? [] : await lookUp(suspects));
      this.#reclaim(suspects.filter((id) => !kept.has(id)));
    }
    this.#lineage.note(welcome);
  }

  #reclaim(commandIds: readonly string[]): void {
    if (commandIds.length === 0) return;
    const error = makeErrorBody('gone', 'relay', 'The relay was restored from a backup and lost this.', {
      reason: 'relay-restored',
    });
    const reclaimed = this.#parts.outbox.commands.reclaim(commandIds, error, this.#parts.now());
    if (reclaimed.length > 0) this.#parts.onReclaimed(reclaimed);
  }
}
