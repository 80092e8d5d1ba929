import type { Command, CommandResult } from '../../shared/relay-protocol/commands.ts';
import type { Frame, LoggedEvent } from '../../shared/relay-protocol/frames.ts';
import type { FromRelay } from '../../shared/relay-protocol/from-relay.ts';
import type { Hello, ToRelay } from '../../shared/relay-protocol/to-relay.ts';
import type { Wire, WireTap } from './network.ts';
import type { ReferenceModel } from './reference-model.ts';
import type { Given, SimConsole } from './sim-console.ts';
import type { SimRelay } from './sim-relay.ts';
import type { Met } from './sometimes.ts';

const CREDIT = 2;
const LANES = 8;
const DELAYED_MS = 60_000;

export interface Violation {
  invariant: string;
  what: string;
}

/** A command as it was last seen on a wire. */
interface Submitted {
  command: Command;
  device: string;
  agentId: string;
  isDelayed: boolean;
  console: SimConsole;
  /** Which of its outboxes it was sent from: one more whenever that was put back. */
  outbox: number;
}

interface WatchedWire {
  device: string;
  session: string;
  isServed: boolean;
  inFlight: Map<string, readonly string[]>;
  /** Whether each frame or page that wants a credit belongs to a catch-up. */
  owed: boolean[];
}

interface Parts {
  model: ReferenceModel;
  relay: SimRelay;
  met: Met;
  consoles(): readonly SimConsole[];
}

/** What must hold at every moment, watched on the log and on the wires (sync.md §2.2). */
export class Watch implements WireTap {
  readonly violations: Violation[] = [];
  /** Seq of each command that is in the log. */
  readonly inLog = new Map<string, number>();
  readonly results = new Map<string, string>();
  readonly submitted = new Map<string, Submitted>();
  /** Files that the relay ever had whole. */
  readonly wholeFiles = new Set<string>();
  /** Files that the relay had, and has no more. */
  readonly lostFiles = new Set<string>();
  /** Files that messages name. */
  readonly namedFiles = new Set<string>();
  readonly #parts: Parts;
  readonly #wires = new WeakMap<Wire, WatchedWire>();
  /** By device and lane: number and seq of the last command in the log. */
  readonly #lanes = new Map<string, { n: number; seq: number }>();
  readonly #outboxes = new Map<SimConsole, number>();
  /** By conversation: when its snooze ends, as the log has it. */
  readonly #cursors = new Map<SimConsole, { epoch: string | null; cursor: number; losses: number }>();
  #lastAt = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  fail(invariant: string, what: string): void {
    this.violations.push({ invariant, what });
  }

  /** Events that are on the relay's disk. */
  committed(events: readonly LoggedEvent[]): void {
    const { model } = this.#parts;
    for (const event of events) {
      if (event.seq !== model.head + 1) this.fail('I7', `seq ${event.seq} follows ${model.head}`);
      if (event.at < this.#lastAt) this.fail('L1', `the time of #${event.seq} goes back`);
      this.#lastAt = event.at;
      if (this.inLog.has(event.commandId)) {
        this.fail('I3', `command ${event.commandId} made #${this.inLog.get(event.commandId)} and #${event.seq}`);
      }
      this.inLog.set(event.commandId, event.seq);
      const submitted = this.submitted.get(event.commandId);
      if (submitted !== undefined) this.#checkCommand(event, submitted);
      this.#checkFacts(event);
      model.apply(event);
    }
    for (const what of model.backwards.splice(0)) this.fail('X1', what);
  }

  /** The log was put back; what came after `head` is gone, with the results of its commands. */
  rewound(head: number): void {
    this.#parts.model.rewind(head);
    for (const [id, seq] of this.inLog) if (seq > head) this.inLog.delete(id);
    for (const [lane, { seq }] of this.#lanes) if (seq > head) this.#lanes.delete(lane);
    this.results.clear();
    this.#lastAt = 0;
  }

  /** The console's outbox was put back: what it says of its commands begins anew. */
  rolledBack(console: SimConsole): void {
    for (const [id, { console: of }] of this.submitted) {
      if (of !== console) continue;
      this.results.delete(id);
    }
    this.#outboxes.set(console, this.#outboxOf(console) + 1);
  }

  /** How often its outbox was put back: what was on its way from the one before may still arrive. */
  #outboxOf(console: SimConsole): number {
    return this.#outboxes.get(console) ?? 0;
  }

  readonly #devices = new Map<SimConsole, Set<string>>();
  /** Whether the last that a console heard was a page of a snapshot that goes on. */
  readonly #inSnapshot = new Map<SimConsole, boolean>();

  sent(wire: Wire, name: keyof ToRelay, message: unknown): void {
    const console = wire.console as SimConsole;
    const watched = this.#watch(wire);
    if (name === 'hello') {
      const hello = message as Hello;
      watched.device = hello.device;
      watched.session = hello.session;
      const devices = this.#devices.get(console) ?? new Set();
      if (devices.size > 0 && !devices.has(hello.device)) this.#parts.met.note('device-renewed');
      this.#devices.set(console, devices.add(hello.device));
      if (this.#inSnapshot.get(console) === true) this.#parts.met.note('snapshot-broken-off');
      this.#inSnapshot.set(console, false);
    }
    if (name !== 'submit') return;
    for (const { command, isDelayed } of (message as ToRelay['submit']).submissions) {
      const { id, subjects } = command;
      const known = this.submitted.get(id);
      if (known !== undefined && textOf(known.command) !== textOf(command)) {
        if (known.device === watched.device) this.fail('C1', `command ${id} changed between two tries`);
      }
      const outbox = this.#outboxOf(console);
      this.submitted.set(id, { command, device: watched.device, agentId: console.agentId, isDelayed, console, outbox });
      this.#checkDelay(console, command, isDelayed);
      this.#checkFiles(console, command);
      for (const [other, lanes] of watched.inFlight) {
        if (lanes.some((lane) => subjects.includes(lane as never))) {
          this.fail('O2', `${console.name} sent ${id} while ${other} of its lane was under way`);
        }
      }
      watched.inFlight.set(id, subjects);
      if (watched.inFlight.size > LANES) this.fail('O2', `${console.name} has ${watched.inFlight.size} under way`);
    }
  }

  said(wire: Wire, name: keyof ToRelay, message: unknown): void {
    if (name === 'credit') this.#watch(wire).owed.shift();
    if (name !== 'submit') return;
    for (const { command } of (message as ToRelay['submit']).submissions) {
      if (this.inLog.has(command.id) || this.results.has(command.id)) this.#parts.met.note('duplicate-submit');
    }
  }

  /** The relay put it on the wire. */
  told(wire: Wire, name: keyof FromRelay, message: unknown): void {
    const watched = this.#watch(wire);
    const { met } = this.#parts;
    if (name === 'page' || (name === 'frame' && wantsCredit(message as Frame))) {
      watched.owed.push(name === 'page' || (message as Frame).isCatchUp);
      const unacknowledged = watched.owed.filter(Boolean).length;
      if (unacknowledged > CREDIT)
        this.fail('I14', `${unacknowledged} catch-up frames to ${wire.console.name} at once`);
    }
    if (name === 'welcome') {
      const welcome = message as FromRelay['welcome'];
      if (welcome.mode === 'reset') met.note('reset');
      if (welcome.needHeld) met.note('held-asked');
    }
    if (name === 'results') for (const result of (message as FromRelay['results']).results) this.#answered(result);
    if (name === 'bye' && (message as FromRelay['bye']).afterMs === 10_000) met.note('superseded');
  }

  heard(wire: Wire, name: keyof FromRelay, message: unknown): void {
    const watched = this.#watch(wire);
    if (name === 'frame' || name === 'page') watched.isServed = true;
    if (name === 'page') this.#inSnapshot.set(wire.console as SimConsole, !(message as FromRelay['page']).isLast);
    if (name !== 'results') return;
    for (const { id } of (message as FromRelay['results']).results) watched.inFlight.delete(id);
  }

  /** Whether the console is in a session on this wire. */
  isServed(wire: Wire): boolean {
    return this.#wires.get(wire)?.isServed === true;
  }

  /** After each step: positions only move on. */
  checkPositions(): void {
    for (const console of this.#parts.consoles()) {
      const { account } = console;
      if (account === null) continue;
      const { epoch, cursor } = account.context.cache.position;
      const last = this.#cursors.get(console);
      if (last?.cursor === cursor && last.epoch === epoch && last.losses === console.cacheLosses) continue;
      if (last !== undefined && last.epoch === epoch && last.losses === console.cacheLosses && cursor < last.cursor) {
        this.fail('I7', `the cursor of ${console.name} went back from ${last.cursor} to ${cursor}`);
      }
      this.#cursors.set(console, { epoch, cursor, losses: console.cacheLosses });
    }
  }

  #answered(result: CommandResult): void {
    const { met } = this.#parts;
    const kind = result.ok ? 'ok' : result.error.kind;
    if (kind === 'stale' || kind === 'expired' || kind === 'conflict' || kind === 'retry') met.note(kind);
    if (kind === 'blob_missing') met.note('blob-missing');
    if (kind === 'forbidden') {
      met.note('forbidden');
      const submitted = this.submitted.get(result.id);
      const subject = submitted?.command.subjects[0];
      if (submitted !== undefined && subject !== undefined && this.#wasVisible(submitted, subject)) {
        met.note('leave-with-pending');
      }
    }
    if (!result.ok && result.error.retryable) return;
    const text = JSON.stringify(result);
    const known = this.results.get(result.id);
    if (known !== undefined && known !== text) this.fail('I3', `two results of ${result.id}: ${known} and ${text}`);
    this.results.set(result.id, text);
    if (!result.ok && this.inLog.has(result.id)) this.fail('I3', `${result.id} was refused and is in the log`);
  }

  #wasVisible({ agentId, command }: Submitted, subject: string): boolean {
    const { model } = this.#parts;
    const base = command.base as { foreignPublicSeq?: number } | undefined;
    return base?.foreignPublicSeq !== undefined && model.isVisible(agentId, subject, base.foreignPublicSeq);
  }

  #checkCommand(event: LoggedEvent, { command, device, outbox, isDelayed, agentId }: Submitted): void {
    for (const subject of command.subjects) {
      const lane = `${device} ${outbox} ${subject}`;
      const last = this.#lanes.get(lane);
      if (last !== undefined && last.n >= command.n) {
        this.fail('I4', `${subject}: number ${command.n} is in the log after number ${last.n} of the same device`);
      }
      this.#lanes.set(lane, { n: command.n, seq: event.seq });
    }
    if (event.actor !== `agent:${agentId}`) this.fail('C2', `#${event.seq} is by ${event.actor}, not by ${agentId}`);
    const args = command.args as { conversationId?: string; isConfirmed?: boolean; isForced?: boolean };
    const base = (command.base ?? {}) as {
      foreignPublicSeq?: number;
      customerSeqs?: Record<string, number>;
      versions?: Record<string, string>;
    };
    const { model } = this.#parts;
    for (const { subject, type } of event.changes) {
      // A draft is there only once it was written.
      const sees = subject.startsWith('draft:') ? `draft:${args.conversationId}:${agentId}:` : null;
      if (sees !== null ? !subject.startsWith(sees) : !model.isVisible(agentId, subject, event.seq - 1)) {
        this.fail('V1', `#${event.seq}: ${agentId} changed ${subject}, which ${agentId} could not see`);
      }
      const id = subject.slice('conversation:'.length);
      const before = subject.startsWith('conversation:') ? model.conversation(id) : null;
      if (before === null) continue;
      if (type === 'message-sent' && isDelayed && args.isConfirmed !== true) {
        const others = Object.entries(before.publicSeqs).filter(([author]) => author !== agentId);
        const newest = Math.max(before.customerSeq, 0, ...others.map(([, seq]) => seq));
        if (newest > (base.foreignPublicSeq ?? 0)) this.fail('stale', `#${event.seq} was sent over #${newest}`);
      }
      if (command.type === 'conversation.close' && before.customerSeq > (base.customerSeqs?.[id] ?? 0)) {
        this.fail('stale', `#${event.seq} closes over the customer's #${before.customerSeq}`);
      }
      if (command.type === 'conversation.assign' && args.isForced !== true && before.version !== base.versions?.[id]) {
        this.fail('conflict', `#${event.seq} assigns over ${before.version}, based on ${base.versions?.[id]}`);
      }
    }
  }

  /** What the desk and the channels may do, and what must be there before an event names it. */
  #checkFacts(event: LoggedEvent): void {
    for (const { subject, type, data } of event.changes) {
      const { attachments } = data as { attachments?: { fileId: string }[] };
      for (const { fileId } of attachments ?? []) {
        if (!this.wholeFiles.has(fileId)) this.fail('A1', `#${event.seq} names a file that the relay never had`);
        this.namedFiles.add(fileId);
        if (this.lostFiles.has(fileId)) this.fail('A1', `#${event.seq} names a file that the relay has lost`);
      }
      if (type === 'delivery-updated' && (data as { state: string }).state === 'unknown') {
        this.#parts.met.note('unknown-delivery');
      }
      if (type !== 'conversation-state-changed' || event.actor !== 'system:desk') continue;
      const before = this.#parts.model.conversation(subject.slice('conversation:'.length));
      if (before?.state !== 'snoozed' || before.snoozedUntil === null) {
        this.fail('I12', `#${event.seq} wakes ${subject}, which is ${before?.state}`);
      } else if (event.at < before.snoozedUntil) {
        this.fail('I12', `#${event.seq} wakes ${subject} ${before.snoozedUntil - event.at} ms too early`);
      } else if (event.at > before.snoozedUntil + 5000) this.#parts.met.note('timer-late');
    }
  }

  #checkDelay(console: SimConsole, { id }: Command, isDelayed: boolean): void {
    const given = console.given.find((one) => one.commandId === id);
    if (given === undefined || isDelayed) return;
    const age = console.machine.monotonic() - given.givenAt;
    const why = given.life !== console.life ? 'in an earlier life' : given.wasOnline ? null : 'offline';
    if (why !== null) this.fail('delayed', `${id} was given ${why}, and goes out as if it were new`);
    else if (age > DELAYED_MS) this.fail('delayed', `${id} is ${age} ms old, and goes out as if it were new`);
  }

  #checkFiles(console: SimConsole, { id, args }: Command): void {
    const { attachments } = (args ?? {}) as { attachments?: { fileId: string }[] };
    for (const { fileId } of attachments ?? []) {
      if (!this.wholeFiles.has(fileId)) this.fail('A1', `${console.name} sent ${id} before its file was uploaded`);
    }
  }

  #watch(wire: Wire): WatchedWire {
    let watched = this.#wires.get(wire);
    if (watched === undefined) {
      watched = { device: '', session: '', isServed: false, inFlight: new Map(), owed: [] };
      this.#wires.set(wire, watched);
    }
    return watched;
  }
}

function wantsCredit(frame: Frame): boolean {
  return frame.isCatchUp || (frame as { wantsCredit?: boolean }).wantsCredit === true;
}

/** All of a command that must be the same in each try. */
function textOf({ type, v, n, subjects, args, base, after, clientAt }: Command): string {
  return JSON.stringify([type, v, n, subjects, args, base, after, clientAt]);
}

/** Whether a command has come to an end that its agent can see. */
export function isSafe(console: SimConsole, given: Given, inLog: ReadonlyMap<string, number>): boolean {
  if (given.isClosed || inLog.has(given.commandId)) return true;
  const commands = console.account?.outbox.commands;
  return (
    commands === undefined || commands.find(given.commandId) !== null || commands.findRefused(given.commandId) !== null
  );
}
