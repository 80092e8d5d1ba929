import type { ErrorBody } from '../../shared/errors.ts';
import type { FromRelay } from '../../shared/relay-protocol/from-relay.ts';
import type { ToRelay } from '../../shared/relay-protocol/to-relay.ts';
import type { RelayLink, RelayLinkHandlers } from '../../src-main/core/sync/relay-link.ts';
import type { AgentConnection } from '../../src-relay/gateway/agent-connection.ts';
import type { AgentPeer } from '../../src-relay/gateway/agent-peer.ts';
import type { Dice } from './dice.ts';
import type { SimTime } from './sim-time.ts';
import { frozenJson } from './stores/frozen-json.ts';
import { type Trace, describeMessage } from './trace.ts';

/** A server's transport gives up a silent socket after this time; a console's own rules are faster or are tested. */
const TRANSPORT_TIMEOUT_MS = 45_000;
/** More than this unread, and the relay sends no more (SYNC-N2). */
const LAGGING_BYTES = 1024 * 1024;

/** What a wire leads to at the relay's end. */
export interface RelayEnd {
  /** Takes a connection, or says why not. */
  accept(agentId: string, token: string, connection: AgentConnection): AgentPeer | ErrorBody | null;
  reach(task: () => void): void;
}

/** What a wire leads to at the console's end. */
export interface ConsoleEnd {
  name: string;
  agentId: string;
  reach(task: () => void): void;
}

/** Everything said over a wire, for invariants. */
export interface WireTap {
  /** A console put it on the wire. */
  sent(wire: Wire, name: keyof ToRelay, message: unknown): void;
  /** It reached the relay. */
  said(wire: Wire, name: keyof ToRelay, message: unknown): void;
  /** The relay put it on the wire. */
  told(wire: Wire, name: keyof FromRelay, message: unknown): void;
  /** It was given to the console. */
  heard(wire: Wire, name: keyof FromRelay, message: unknown): void;
}

/** The line of one console as it is at present. */
export interface LineState {
  isUp: boolean;
  latencyMs: number;
  /** Frames that get lost, and nothing else. */
  framesToLose: number;
  /** Makes a slow reader of a quick one: bytes in the relay's buffer per byte under way. */
  backlogFactor: number;
  /** Share of uploads that break off on the way. */
  uploadTrouble: number;
}

interface UnderWay {
  bytes: number;
  cancel: () => void;
}

/** One connection from its attempt to its end, with what is under way in both directions. */
export class Wire {
  readonly id: number;
  readonly console: ConsoleEnd;
  readonly line: LineState;
  peer: AgentPeer | null = null;
  /** Nothing new gets onto it any more. */
  isDead = false;
  /** The relay was told of its end. */
  isRelayClosed = false;
  /** The console was told, or does not want to know any more. */
  isConsoleClosed = false;
  hasLostFrame = false;
  /** Of what the relay sent, not read yet. */
  backlogBytes = 0;
  toConsole = new Set<UnderWay>();
  toRelay = new Set<UnderWay>();
  /** Messages of a direction keep their order. */
  consoleNextAt = 0;
  relayNextAt = 0;

  constructor(id: number, end: ConsoleEnd, line: LineState) {
    this.id = id;
    this.console = end;
    this.line = line;
  }
}

interface NetworkParts {
  time: SimTime;
  dice: Dice;
  trace: Trace;
  tap: WireTap;
  relay(): RelayEnd | null;
  /** `half-open-found`: the console noticed a dead connection by itself; `frame-gap`: or that a frame was lost. */
  onNoticed(what: 'half-open-found' | 'frame-gap' | 'lagging'): void;
}

/** The wires between consoles and relay, with everything that can happen to them. */
export class Network {
  readonly wires = new Set<Wire>();
  readonly #parts: NetworkParts;
  #made = 0;

  constructor(parts: NetworkParts) {
    this.#parts = parts;
  }

  /** A console dials. */
  connect(end: ConsoleEnd, line: LineState, token: string, handlers: RelayLinkHandlers): RelayLink {
    const { time, trace } = this.#parts;
    this.#made += 1;
    const wire = new Wire(this.#made, end, line);
    this.wires.add(wire);
    const closeConsole = (error: ErrorBody | null): void => {
      if (wire.isConsoleClosed) return;
      end.reach(() => {
        if (wire.isConsoleClosed) return;
        wire.isConsoleClosed = true;
        this.#forget(wire);
        trace.say(end.name, () => `wire ${wire.id} closed${error === null ? '' : ` (${error.reason ?? error.kind})`}`);
        handlers.onClose(error);
      });
    };
    this.#closers.set(wire, closeConsole);
    if (line.isUp) time.after(this.#latency(line), () => this.#arrive(wire, token, handlers, closeConsole));
    else time.after(this.#parts.dice.spread(1, 3000), () => closeConsole(null));
    return {
      send: (name, message) => this.#fromConsole(wire, name, message),
      close: () => {
        if (wire.isConsoleClosed) return;
        wire.isConsoleClosed = true;
        if (wire.isDead && !wire.isRelayClosed && line.isUp) this.#parts.onNoticed('half-open-found');
        if (wire.hasLostFrame) this.#parts.onNoticed('frame-gap');
        for (const one of wire.toConsole) one.cancel();
        this.#closeRelayLater(wire, wire.isDead ? this.#parts.dice.spread(1, TRANSPORT_TIMEOUT_MS) : 0);
      },
    };
  }

  /** Both sides get to know, each in its own time, and some of what is on the wire still arrives. */
  cut(wire: Wire): void {
    if (wire.isDead) return;
    const { dice } = this.#parts;
    this.#kill(wire);
    this.#parts.time.after(dice.spread(1, 3000), () => this.#closers.get(wire)?.(null));
    this.#closeRelayLater(wire, dice.chance(0.3) ? dice.spread(1000, 90_000) : dice.spread(1, 3000));
  }

  /** Nobody gets to know: the relay when its transport gives up, the console never by the network. */
  cutSilently(wire: Wire): void {
    if (wire.isDead) return;
    this.#kill(wire);
    this.#closeRelayLater(wire, TRANSPORT_TIMEOUT_MS);
  }

  /** The process behind one end died: the other side is told by its machine, or by nobody. */
  abandon(wire: Wire, side: 'console' | 'relay', isMachineAlive: boolean): void {
    const { time, dice } = this.#parts;
    if (side === 'console') wire.isConsoleClosed = true;
    else {
      wire.isRelayClosed = true;
      wire.peer = null;
    }
    this.#kill(wire);
    const afterMs = dice.spread(1, 500);
    if (side === 'console') {
      for (const one of wire.toConsole) one.cancel();
      this.#closeRelayLater(wire, isMachineAlive ? afterMs : TRANSPORT_TIMEOUT_MS);
    } else if (isMachineAlive) time.after(afterMs, () => this.#closers.get(wire)?.(null));
    this.#forget(wire);
  }

  readonly #closers = new Map<Wire, (error: ErrorBody | null) => void>();

  #arrive(
    wire: Wire,
    token: string,
    handlers: RelayLinkHandlers,
    closeConsole: (error: ErrorBody | null) => void,
  ): void {
    const { time, trace } = this.#parts;
    const { console: end, line } = wire;
    if (wire.isConsoleClosed || wire.isDead) return;
    const relay = this.#parts.relay();
    if (relay === null || !line.isUp) {
      closeConsole(null);
      return;
    }
    relay.reach(() => {
      if (wire.isConsoleClosed || wire.isDead || this.#parts.relay() !== relay) {
        if (!wire.isDead) closeConsole(null);
        return;
      }
      const accepted = relay.accept(end.agentId, token, this.#connection(wire, handlers));
      if (accepted === null || 'kind' in accepted) {
        wire.isRelayClosed = true;
        time.after(this.#latency(line), () => closeConsole(accepted));
        return;
      }
      wire.peer = accepted;
      trace.say('relay', () => `wire ${wire.id} of ${end.name} accepted`);
      this.#deliver(wire, 'console', 0, () => handlers.onOpen());
    });
  }

  #connection(wire: Wire, handlers: RelayLinkHandlers): AgentConnection {
    const { trace, tap, time } = this.#parts;
    const { console: end, line } = wire;
    const send = <Name extends keyof FromRelay>(name: Name, message: FromRelay[Name]): void => {
      if (wire.isRelayClosed) return;
      const sent = onWire(message);
      const bytes = bytesOf(line, sent);
      trace.say('relay', () => `→ ${end.name} ${describeMessage(name, sent)}${wire.isDead ? ' (lost)' : ''}`);
      tap.told(wire, name, sent);
      if (wire.isDead) {
        // A buffer that nobody empties any more.
        wire.backlogBytes += bytes;
        return;
      }
      if (name === 'frame' && line.framesToLose > 0) {
        line.framesToLose -= 1;
        wire.hasLostFrame = true;
        trace.say('network', () => `loses that frame to ${end.name}`);
        return;
      }
      this.#deliver(wire, 'console', bytes, () => {
        trace.say(end.name, () => `hears ${describeMessage(name, sent)}`);
        tap.heard(wire, name, sent);
        handlers.onMessage(name, sent);
      });
    };
    return {
      send,
      sendVolatile: (name, message) => {
        if (wire.toConsole.size === 0) send(name, message);
      },
      backlogBytes: () => {
        const bytes = wire.backlogBytes * line.backlogFactor;
        if (bytes > LAGGING_BYTES) this.#parts.onNoticed('lagging');
        return bytes;
      },
      end: (afterMs, error) => {
        if (wire.isRelayClosed) return;
        send('bye', { afterMs, error });
        wire.isRelayClosed = true;
        if (wire.isDead) return;
        const closeAt = Math.max(wire.consoleNextAt, time.elapsed);
        time.at(closeAt, () => this.#closers.get(wire)?.(null));
      },
    };
  }

  #fromConsole(wire: Wire, name: keyof ToRelay, message: unknown): void {
    const { trace, tap } = this.#parts;
    if (wire.isConsoleClosed) return;
    const sent = onWire(message);
    trace.say(wire.console.name, () => `→ relay ${describeMessage(name, sent)}${wire.isDead ? ' (lost)' : ''}`);
    tap.sent(wire, name, sent);
    if (wire.isDead) return;
    this.#deliver(wire, 'relay', 0, () => {
      tap.said(wire, name, sent);
      wire.peer?.receive(name, sent);
    });
  }

  #deliver(wire: Wire, to: 'console' | 'relay', bytes: number, task: () => void): void {
    const { time } = this.#parts;
    const isToConsole = to === 'console';
    const underWay = isToConsole ? wire.toConsole : wire.toRelay;
    const at = Math.max(time.elapsed + this.#latency(wire.line), isToConsole ? wire.consoleNextAt : wire.relayNextAt);
    if (isToConsole) {
      wire.consoleNextAt = at;
      wire.backlogBytes += bytes;
    } else wire.relayNextAt = at;
    const arrive = (): void => {
      const machine = isToConsole ? wire.console : this.#parts.relay();
      machine?.reach(() => {
        underWay.delete(one);
        if (isToConsole) wire.backlogBytes -= bytes;
        if (isToConsole ? !wire.isConsoleClosed : !wire.isRelayClosed) task();
      });
    };
    const one: UnderWay = { bytes, cancel: time.at(at, arrive) };
    underWay.add(one);
  }

  /** Nothing new gets onto the wire; of what is on it the first messages of each direction still arrive. */
  #kill(wire: Wire): void {
    const { dice } = this.#parts;
    wire.isDead = true;
    for (const direction of [wire.toConsole, wire.toRelay]) {
      let arrives = dice.between(0, direction.size);
      for (const one of direction) {
        if (arrives > 0) arrives -= 1;
        else {
          one.cancel();
          direction.delete(one);
        }
      }
    }
  }

  #closeRelayLater(wire: Wire, afterMs: number): void {
    const { time } = this.#parts;
    const due = Math.max(time.elapsed + afterMs, wire.relayNextAt);
    time.at(due, () => {
      const relay = this.#parts.relay();
      if (wire.isRelayClosed || relay === null) return;
      relay.reach(() => {
        if (wire.isRelayClosed) return;
        wire.isRelayClosed = true;
        this.#forget(wire);
        this.#parts.trace.say('relay', () => `notices the end of wire ${wire.id} of ${wire.console.name}`);
        wire.peer?.closed();
      });
    });
  }

  #forget(wire: Wire): void {
    if (!wire.isConsoleClosed || !(wire.isRelayClosed || wire.peer === null)) return;
    this.wires.delete(wire);
    this.#closers.delete(wire);
  }

  #latency(line: LineState): number {
    const { dice } = this.#parts;
    return line.latencyMs * (0.5 + dice.fraction());
  }
}

/**
 * As on the wire: nothing that JSON would lose, and nothing that the sender can still change, nor the receiver. What
 * both of them have is the same frozen object, which is much quicker than a copy of it.
 */
function onWire<Message>(message: Message): Message {
  return frozenJson(message);
}

/** A quick reader never leaves so much unread that it would matter; of a slow one every byte is counted. */
function bytesOf({ backlogFactor }: LineState, message: unknown): number {
  return backlogFactor === 1 ? 0 : JSON.stringify(message).length;
}
