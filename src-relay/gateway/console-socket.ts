import type { WebSocket } from 'ws';
import { type ErrorBody, makeErrorBody } from '../../shared/errors.ts';
import { AGENT_NAMESPACE } from '../../shared/relay-protocol/agent-socket.ts';
import type { FromRelay } from '../../shared/relay-protocol/from-relay.ts';
import type { AgentConnection } from './agent-connection.ts';
import { messageText } from './message-text.ts';
import type { PackedTexts } from './packed-texts.ts';

// Engine.IO's packets on a WebSocket: a digit, then the packet. A message (4) carries one of Socket.IO's, a digit again.
const PING = '2';
const PONG = '3';
const CONNECT = `40${AGENT_NAMESPACE},`;
const DISCONNECT = `41${AGENT_NAMESPACE},`;
const EVENT = `42${AGENT_NAMESPACE},`;
const REFUSAL = `44${AGENT_NAMESPACE},`;
/** An event with one attachment, which follows as a message of bytes. */
const EVENT_WITH_BYTES = `451-${AGENT_NAMESPACE},`;

/** `late`: it had a while to sign in and has not. */
type Phase = 'new' | 'late' | 'signing-in' | 'open' | 'over';

/** Who listens to a console that has signed in. */
export interface ConsoleListener {
  receive(name: string, message: unknown): void;
  closed(): void;
}

/** What all sockets share. */
export interface ConsoleSocketHost {
  packedTexts: PackedTexts;
  /** @param auth what the console says to sign in. @throws what `refuse` makes an error body of */
  signIn(auth: unknown): Promise<(socket: ConsoleSocket) => ConsoleListener | null>;
  refuse(error: unknown): ErrorBody;
  /** The socket is gone. */
  gone(socket: ConsoleSocket): void;
}

/**
 * One console behind a WebSocket, in Socket.IO's protocol. Socket.IO's own server keeps 12 KiB of objects per
 * connection where this keeps less than one, and makes three turns of events and callbacks of each message.
 */
export class ConsoleSocket implements AgentConnection {
  readonly #webSocket: WebSocket;
  readonly #host: ConsoleSocketHost;
  #listener: ConsoleListener | null = null;
  #phase: Phase = 'new';
  #isHeard = true;

  constructor(webSocket: WebSocket, host: ConsoleSocketHost) {
    this.#webSocket = webSocket;
    this.#host = host;
    webSocket.on('message', (data, isBinary) => this.#receive(isBinary ? null : String(data)));
    webSocket.on('close', () => this.#closed());
    webSocket.on('error', () => webSocket.terminate());
  }

  /** Asks for a sign of life; ends a console that has given none since this was called last, or has not signed in. */
  checkAlive(): void {
    if (!this.#isHeard || this.#phase === 'late') {
      this.#webSocket.terminate();
      return;
    }
    this.#isHeard = false;
    if (this.#phase === 'new') this.#phase = 'late';
    this.#sendPacket(PING);
  }

  /** Says in Engine.IO's words what the connection is like. */
  open(terms: { sid: string; pingInterval: number; pingTimeout: number; maxPayload: number }): void {
    this.#sendPacket(`0${JSON.stringify({ ...terms, upgrades: [] })}`);
  }

  send<Name extends keyof FromRelay>(name: Name, message: FromRelay[Name]): void {
    this.#sendEvent(name, messageText(name, message));
  }

  sendPacked<Name extends 'frame' | 'page'>(name: Name, message: FromRelay[Name]): number {
    const { session } = message;
    // Without the session, what goes to many consoles is the same.
    const packing = this.#host.packedTexts.pack(name, message);
    if ('text' in packing) {
      this.#sendEvent(name, `{"session":"${session}",${packing.text.slice(1)}`);
      return packing.text.length;
    }
    const bytes = '{"_placeholder":true,"num":0}';
    this.#sendPacket(`${EVENT_WITH_BYTES}["packed",{"name":"${name}","session":"${session}","bytes":${bytes}}]`);
    if (this.#isWritable()) this.#webSocket.send(packing.bytes);
    return packing.bytes.length;
  }

  sendVolatile<Name extends keyof FromRelay>(name: Name, message: FromRelay[Name]): void {
    if (this.#webSocket.bufferedAmount === 0) this.send(name, message);
  }

  backlogBytes(): number {
    return this.#webSocket.bufferedAmount;
  }

  end(afterMs: number, error: ErrorBody | null): void {
    const bye: FromRelay['bye'] = { afterMs, error };
    this.#sendEvent('bye', JSON.stringify(bye));
    this.#sendPacket(DISCONNECT);
    this.#webSocket.close();
    this.#closed();
  }

  #sendEvent(name: string, text: string): void {
    this.#sendPacket(`${EVENT}["${name}",${text}]`);
  }

  #sendPacket(packet: string): void {
    if (this.#isWritable()) this.#webSocket.send(packet);
  }

  #isWritable(): boolean {
    return this.#webSocket.readyState === this.#webSocket.OPEN;
  }

  /** @param packet null: bytes, which consoles do not send */
  #receive(packet: string | null): void {
    this.#isHeard = true;
    if (this.#phase === 'over' || packet === PONG) return;
    if (packet?.startsWith(EVENT) === true && this.#phase === 'open') this.#receiveEvent(packet);
    else if (packet?.startsWith(CONNECT) === true && (this.#phase === 'new' || this.#phase === 'late')) {
      void this.#signIn(parse(packet.slice(CONNECT.length)));
    } else this.#refuseMessage();
  }

  #receiveEvent(packet: string): void {
    // Between the namespace and what was said may be a number, for who wants to be answered; nobody is.
    const event = parse(packet.slice(packet.indexOf('[', EVENT.length)));
    if (Array.isArray(event) && typeof event[0] === 'string') this.#listener?.receive(event[0], event[1]);
    else this.#refuseMessage();
  }

  #refuseMessage(): void {
    const reason = 'malformed-message';
    this.end(0, makeErrorBody('invalid', 'relay', 'That is no message of a console.', { reason }));
  }

  async #signIn(auth: unknown): Promise<void> {
    this.#phase = 'signing-in';
    try {
      const serve = await this.#host.signIn(auth);
      if (this.#phase !== 'signing-in') return;
      this.#phase = 'open';
      // It is told that it is connected before anything else is said to it.
      this.#sendPacket(`${CONNECT}{"sid":"console"}`);
      this.#listener = serve(this);
    } catch (error) {
      if (this.#phase !== 'signing-in') return;
      const body = this.#host.refuse(error);
      this.#sendPacket(`${REFUSAL}${JSON.stringify({ message: body.message, data: body })}`);
      this.#webSocket.close();
      this.#closed();
    }
  }

  #closed(): void {
    if (this.#phase === 'over') return;
    this.#phase = 'over';
    this.#host.gone(this);
    this.#listener?.closed();
    this.#listener = null;
  }
}

/** @returns undefined for what is no JSON */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
