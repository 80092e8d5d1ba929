import type { Agent } from '../../shared/domain/agent/agent.ts';
import { subjectRef } from '../../shared/domain/subject/subject-kind.ts';
import { AppError, type ErrorBody, makeErrorBody } from '../../shared/errors.ts';
import type { CommandResult } from '../../shared/relay-protocol/commands.ts';
import type { LoggedEvent } from '../../shared/relay-protocol/frames.ts';
import { createChannelHost } from '../../src-relay/channel-host.ts';
import type { ChannelHost } from '../../src-relay/channels/channel.ts';
import { type DeliveryWorker, createDeliveryWorker } from '../../src-relay/delivery/delivery-worker.ts';
import { type TimerReactor, createTimerReactor } from '../../src-relay/desk/timer-reactor.ts';
import type { EventLog } from '../../src-relay/event-log/event-log.ts';
import { createFileRights } from '../../src-relay/files/file-rights.ts';
import type { FileStore } from '../../src-relay/files/file-store.ts';
import type { AgentConnection } from '../../src-relay/gateway/agent-connection.ts';
import { AgentHub } from '../../src-relay/gateway/agent-hub.ts';
import type { AgentPeer } from '../../src-relay/gateway/agent-peer.ts';
import type { FrameLimits } from '../../src-relay/gateway/frame-writer.ts';
import type { Dice } from './dice.ts';
import { FileDepot } from './file-depot.ts';
import type { RelayEnd } from './network.ts';
import type { Platform } from './platform.ts';
import type { Machine, SimProcess } from './sim-time.ts';
import type { Met } from './sometimes.ts';
import { withSlowReads } from './slow-reads.ts';
import type { RelayStore } from './stores/stores.ts';
import type { Trace } from './trace.ts';

interface RelayParts {
  machine: Machine;
  store: RelayStore;
  dice: Dice;
  trace: Trace;
  met: Met;
  frameLimits: FrameLimits;
  platform: Platform;
  /** Events that are on the disk, in order; told once each, also those whose process died before it could say so. */
  onEvents(events: readonly LoggedEvent[]): void;
  /** The relay has a file whole, with this content. */
  onWhole(fileId: string, content: Uint8Array): void;
  /** A backup that was put back by hand is opened; nothing was done with it so far. */
  onPutBackByHand(log: EventLog): void;
  /** A mistake of ours that the relay logged. */
  onMistake(what: string): void;
}

/** What one relay process consists of. */
interface Running {
  process: SimProcess;
  log: EventLog;
  hub: AgentHub;
  delivery: DeliveryWorker;
  timers: TimerReactor;
  host: ChannelHost;
}

/** The real relay core on a simulated machine: log, hub, delivery, timers, and the door of a channel. */
export class SimRelay implements RelayEnd {
  readonly machine: Machine;
  readonly files: FileDepot;
  readonly #parts: RelayParts;
  #running: Running | null = null;
  #process: SimProcess | null = null;
  /** Seq of the last event told. */
  #toldTo = 0;
  /** How a backup came into the log's place that nobody has opened yet. */
  #putBack: 'by-tool' | 'by-hand' | null = null;
  /** Access tokens in use, and whose they are. */
  readonly #tokens = new Map<string, string>();

  constructor(parts: RelayParts) {
    this.#parts = parts;
    this.machine = parts.machine;
    this.files = new FileDepot((fileId, content) => parts.onWhole(fileId, content));
  }

  dispose(): void {
    this.#parts.store.dispose();
  }

  get store(): RelayStore {
    return this.#parts.store;
  }

  get running(): Running | null {
    return this.#running;
  }

  /** A process runs, or is just starting. */
  get isUp(): boolean {
    return this.#process?.isAlive === true;
  }

  get log(): EventLog | null {
    return this.#running?.log ?? null;
  }

  async start(): Promise<void> {
    const { store, dice, machine, platform, trace, frameLimits, onMistake } = this.#parts;
    const process = machine.startProcess();
    this.#process = process;
    // V8 makes a function old at once that is written where it is assigned, and with it all that it refers to.
    const onUncaught = (error: unknown): void => onMistake(`relay, uncaught: ${(error as Error).stack}`);
    process.onUncaught = onUncaught;
    const random = dice.fork().random;
    const logger = this.#logger(process);
    const rights = createFileRights({ files: this.files as unknown as FileStore, eventLog: () => log });
    const log: EventLog = store.open({
      clock: process,
      random,
      logger,
      plan: (_kind, message) => platform.plan(message),
      hasFile: (fileId, by) => rights.mayAttach(fileId, by),
    });
    if (this.#putBack === 'by-tool') {
      log.rotateEpoch();
      log.deliveries.doubtQueued();
    } else if (this.#putBack === 'by-hand') {
      this.#parts.onPutBackByHand(log);
    }
    this.#putBack = null;
    if (!process.isAlive) return;
    const seen = await store.listEvents(this.#toldTo);
    this.#tell(seen);
    log.onCommit(({ events }) => {
      if (process.isAlive) this.#tell(events);
    });
    let isOpen = false;
    const hub = await AgentHub.open({
      eventLog: withSlowReads(log, process, dice.fork(), () => isOpen),
      clock: process,
      random,
      logger,
      showToCustomer: () => undefined,
      observeFanOut: () => undefined,
      doubtDeliveries: () => delivery.doubtQueued(),
      frameLimits,
      // A tick would compare the whole of so small a workspace.
      digestsPerTick: 1,
    });
    isOpen = true;
    const delivery = createDeliveryWorker({
      eventLog: log,
      channels: new Map([[platform.kind, platform]]),
      clock: process,
      random,
      logger,
    });
    const timers = createTimerReactor({ eventLog: log, clock: process, logger });
    const gateway = { publishEphemeral: () => undefined, isStaffed: () => true };
    const files = this.files as unknown as FileStore;
    // Its platform says of customers what the world says, and forgets nobody.
    const forgottenUpTo = () => log.head();
    const host = createChannelHost({ eventLog: log, files, gateway, delivery, forgottenUpTo });
    if (!process.isAlive) return;
    this.#running = { process, log, hub, delivery, timers, host };
    try {
      delivery.start();
      timers.start();
    } catch (error) {
      // It died at its first write.
      if (process.isAlive) throw error;
      return;
    }
    trace.say('relay', () => `starts at head ${log.head()}`);
  }

  /** As kill −9, or a power cut. Wires are the network's to abandon. */
  crash(): void {
    if (this.#process?.isAlive !== true) return;
    this.#parts.trace.say('relay', () => 'dies');
    this.#process.isAlive = false;
    this.#running = null;
    this.#parts.store.crash();
  }

  /** Finishes what is under way and ends in order. */
  async stop(): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    this.#parts.trace.say('relay', () => 'stops in order');
    await running.hub.close();
    await running.timers.stop();
    await running.log.close();
    running.process.isAlive = false;
    this.#running = null;
    this.#parts.store.crash();
  }

  /**
   * The log now begins anew after `head`: a backup was put in its place. By the tool it is given a new lineage at the
   * next start that lives so long: the tool shows a folder when all of it is done, or not at all.
   */
  rewind(head: number, isByTool: boolean): void {
    this.#toldTo = head;
    this.#putBack = isByTool ? 'by-tool' : 'by-hand';
  }

  /** What the workspace's administrators do; tried until the relay has it. */
  async administer(type: string, args: unknown, base?: unknown): Promise<CommandResult | null> {
    const log = this.log;
    if (log === null) return null;
    return log.submit({
      command: { id: this.#parts.dice.newId(), type, v: 1, args, ...(base === undefined ? {} : { base }) },
      by: { kind: 'system', name: 'test' },
      isDelayed: false,
    });
  }

  accept(agentId: string, token: string, connection: AgentConnection): AgentPeer | ErrorBody | null {
    const running = this.#running;
    if (running === null) return null;
    if (running.hub.isClosing) return makeErrorBody('retry', 'relay', 'Stopping.', { retryAfterMs: 2000 });
    if (this.#tokens.get(token) !== agentId) return makeErrorBody('unauthenticated', 'relay', 'Sign in first.');
    if (running.hub.readAccess(agentId) === null) {
      return makeErrorBody('unauthenticated', 'relay', 'No longer active.', { reason: 'agent-inactive' });
    }
    return running.hub.connect(connection, { agentId, sessionId: token });
  }

  reach(task: () => void): void {
    this.machine.reach(() => {
      const process = this.#process;
      try {
        task();
      } catch (error) {
        // What it was at when it died ends at its disk.
        if (process?.isAlive !== false) throw error;
      }
    });
  }

  /** A new sign-in. @throws AppError `unauthenticated` for an agent who is not active */
  grant(agentId: string): { accessToken: string; accessExpiresAt: number; refreshToken: string } {
    const agent = this.log?.read<Agent>(subjectRef('agent', agentId)).root();
    if (agent?.isActive !== true) {
      throw new AppError('unauthenticated', 'This agent may not sign in.', { reason: 'session-ended' });
    }
    const accessToken = `access ${this.#parts.dice.newId()}`;
    this.#tokens.set(accessToken, agentId);
    return { accessToken, accessExpiresAt: this.machine.now() + 15 * 60_000, refreshToken: `refresh ${agentId}` };
  }

  /** Whose token it is; null for one that is no good. */
  agentOf(token: string): string | null {
    return this.#tokens.get(token) ?? null;
  }

  forgetTokens(agentId: string): void {
    for (const [token, owner] of this.#tokens) if (owner === agentId) this.#tokens.delete(token);
  }

  #tell(events: readonly LoggedEvent[]): void {
    const fresh = events.filter(({ seq }) => seq > this.#toldTo);
    if (fresh.length === 0) return;
    this.#toldTo = fresh.at(-1)!.seq;
    this.#parts.onEvents(fresh);
  }

  #logger(process: SimProcess) {
    const { trace, onMistake } = this.#parts;
    const say = (fields: unknown, message: string): void => {
      trace.say('relay', () => `logs: ${message}`);
      const error = (fields as { err?: unknown }).err;
      // What a full disk or a dead process says is no mistake; an exception without a kind or an SQLite code is.
      const isOurs = error instanceof Error && !(error instanceof AppError) && !('code' in error);
      if (process.isAlive && isOurs && !isExpected(error)) onMistake(`${message}: ${error.stack ?? error.message}`);
    };
    const silent = (): void => undefined;
    return { info: silent, warn: silent, error: say, fatal: say } as never;
  }
}

/** What the platform's troubles look like in the relay's log, and a session whose log was truncated under it. */
function isExpected(error: Error): boolean {
  return (
    error.message === 'connection refused' ||
    error.message.startsWith('The log has no event') ||
    error.name === 'DiskFullError'
  );
}
