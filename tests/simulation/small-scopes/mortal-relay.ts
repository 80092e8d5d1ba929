import type { Clock } from '../../../shared/primitives/clock.ts';
import type { CommandResult } from '../../../shared/relay-protocol/commands.ts';
import type { PlanDelivery } from '../../../src-relay/event-log/effects.ts';
import type { EventLog, LogSubmission } from '../../../src-relay/event-log/event-log.ts';
import { makeEpoch, openEventLog } from '../../../src-relay/event-log/open-event-log.ts';
import { receive, seedWorkspace } from '../../contract/event-log-fixture.ts';
import { ManualClock, clockOfProcess, seededRandom } from '../../fakes/manual-clock.ts';
import { MemoryLogDisk } from '../stores/memory-log-disk.ts';
import type { Choose } from './every-path.ts';

/** What runs beside the log in a process; started with it, and dead with it. */
type StartParts = (log: EventLog, clock: Clock) => void;

/** The disk of a relay on which a customer began the conversation `a`, and nothing else happened. */
export async function seedDisk(): Promise<MemoryLogDisk> {
  const disk = new MemoryLogDisk();
  const relay = new MortalRelay({ disk, choose: () => 0, plan: (_kind, message) => [message], start: () => {} });
  await seedWorkspace(relay.log!);
  await relay.submit(receive('a', 'first'));
  return disk;
}

/** A relay's log, and what `start` puts beside it, which may die before and after every commit. */
export class MortalRelay {
  readonly clock = new ManualClock();
  readonly #disk: MemoryLogDisk;
  readonly #plan: PlanDelivery;
  readonly #start: StartParts;
  readonly #random = seededRandom(1);
  #log: EventLog | null = null;

  constructor(parts: { disk: MemoryLogDisk; choose: Choose; plan: PlanDelivery; start: StartParts }) {
    this.#disk = parts.disk;
    this.#plan = parts.plan;
    this.#start = parts.start;
    this.restart();
    parts.disk.onCommitPoint = (point, name) => {
      if (parts.choose(`dies ${point} of ${name}`, 2) === 0) return;
      parts.disk.crash();
      this.#log = null;
    };
  }

  /** The log, or null while nobody has started the relay again. */
  get log(): EventLog | null {
    return this.#log;
  }

  restart(): void {
    const { clock } = this;
    const log = openEventLog({
      storage: this.#disk.open(() => makeEpoch(clock, this.#random)),
      clock,
      random: this.#random,
      plan: this.#plan,
      hasFile: () => true,
      logger: { error: () => {}, fatal: () => {} },
      afterTurn: (task) => queueMicrotask(task),
    });
    this.#log = log;
    const isAlive = (): boolean => this.#log === log;
    this.#start(log, clockOfProcess(clock, isAlive));
  }

  /** Lets everything go on that needs no time; a relay that died is started again. */
  async settle(): Promise<void> {
    for (;;) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (this.#log !== null) return;
      this.restart();
    }
  }

  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.settle();
  }

  /** Submits as consoles do: under the same id until there is an answer that a living relay gave. */
  async submit(submission: LogSubmission): Promise<CommandResult> {
    for (;;) {
      const log = this.#log;
      const result = await log?.submit(submission);
      if (log !== null && log === this.#log && result !== undefined && (result.ok || !result.error.retryable)) {
        return result;
      }
      await this.settle();
    }
  }
}
