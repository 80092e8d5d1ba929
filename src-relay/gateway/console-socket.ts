import type { WebSocket } from 'ws';
import { type ErrorBody, makeErrorBody } from '../../shared/errors.ts';
import type { FromRelay } from '../../shared/relay-protocol/from-relay.ts';
import type { AgentConnection, Bulk } from './agent-connection.ts';
import type { BulkBytes } from './bulk-bytes.ts';
import { FrameBytes, type TakesBytes } from './frame-bytes.ts';
import { messageText } from './message-text.ts';

/** Of Socket.IO; the consoles'. */
export const AGENT_NAMESPACE = '/agent';

// Engine.IO's packets on a WebSocket: a digit, then the packet. A message (4) carries one of Socket.IO's, a digit again.
const PING = '2';
const PONG = '3';
const CONNECT = '40';
const CONNECTED = `${CONNECT}${AGENT_NAMESPACE},`;
const DISCONNECT = `41${AGENT_NAMESPACE},`;
const EVENT = `42${AGENT_NAMESPACE},`;
const REFUSAL = '44';
/** An event with one attachment, which follows as a message of bytes. */
const EVENT_WITH_BYTES = `451-${AGENT_NAMESPACE},`;

const LONGEST_NAMESPACE = 64;
/** Of answers to what no console asks. */
const MOST_UNHEARD_BYTES = 64 * 1024;

/** The part of `ws` that writes to the socket, as Engine.IO uses it too. */
interface WithSender {
  _sender?: { sendFrame?(list: Buffer[]): void };
}

/** For the frames of all consoles. */
export function openFrameBytes(): FrameBytes {
  return new FrameBytes(`${EVENT}["frame",`, ']');
}

/** What hears a console. */
export interface ConsoleListener {
  receive(name: string, message: unknown): void;
  closed(): void;
}

/** What all sockets share. */
export interface ConsoleSocketHost {
  bulkBytes: BulkBytes;
  frameBytes: FrameBytes;
  /** The socket is gone. */
  gone(socket: ConsoleSocket): void;
}

/**
 * A console that has signed in, behind a WebSocket, in Socket.IO's protocol. Socket.IO's own server keeps 12 KiB of
 * objects per connection where this keeps less than one, and takes each message through a dozen callbacks.
 */
export class ConsoleSocket implements AgentConnection, TakesBytes {
  readonly #webSocket: WebSocket;
  readonly #host: ConsoleSocketHost;
  #listener: ConsoleListener | null = null;
  #isOver = false;
  #isHeard = true;

  constructor(webSocket: WebSocket, host: ConsoleSocketHost) {
    this.#webSocket = webSocket;
    this.#host = host;
    webSocket.on('message', (data, isBinary) => this.#receive(isBinary ? null : String(data)));
    webSocket.on('close', () => this.#closed());
    webSocket.on('error', () => webSocket.terminate());
  }

  /** Tells `listener` all that the console says from now on. */
  serve(listener: ConsoleListener): void {
    this.#listener = listener;
  }

  /** Tells the console that it is connected. */
  welcome(sid: string): void {
    this.#sendPacket(`${CONNECTED}${JSON.stringify({ sid })}`);
  }

  /** Asks for a sign of life; ends a console that has given none since this was called last. */
  checkAlive(): void {
    if (!this.#isHeard) {
      this.#webSocket.terminate();
      return;
    }
    this.#isHeard = false;
    this.#sendPacket(PING);
  }

  send<Name extends keyof FromRelay>(name: Name, message: FromRelay[Name]): void {
    if (name === 'frame' && this.#sendFrame(message as FromRelay['frame'])) return;
    this.#sendEvent(name, messageText(name, message));
  }

  /** Writes what is a message of the WebSocket already. */
  takeBytes(bytes: Buffer): boolean {
    (this.#webSocket as WithSender)._sender!.sendFrame!([bytes]);
    return this.#webSocket.bufferedAmount > 0;
  }

  /** @returns whether the WebSocket takes bytes that are a message of it already */
  #sendFrame(frame: FromRelay['frame']): boolean {
    if ((this.#webSocket as WithSender)._sender?.sendFrame === undefined) return false;
    if (this.#isWritable()) this.#host.frameBytes.send(frame, this);
    return true;
  }

  sendBulk(bulk: Bulk, isPacked: boolean): number {
    // Without the session, what goes to many consoles is the same.
    const bytes = this.#host.bulkBytes.make(bulk, isPacked);
    const { session } = bulk.message;
    const about = `"name":"${bulk.name}","session":"${session}","isZstd":${isPacked}`;
    this.#sendPacket(`${EVENT_WITH_BYTES}["packed",{${about},"bytes":{"_placeholder":true,"num":0}}]`);
    if (this.#isWritable()) this.#webSocket.send(bytes);
    return bytes.length;
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
    if (this.#isOver || packet === PONG) return;
    if (packet?.startsWith(EVENT) === true) this.#receiveEvent(packet);
    else if (packet === DISCONNECT) {
      this.#webSocket.close();
      this.#closed();
    } else if (packet?.startsWith(CONNECT) === true) this.#refuseNamespace(packet);
    else this.#refuseMessage();
  }

  #receiveEvent(packet: string): void {
    // Between the namespace and what was said may be a number, for who wants to be answered; nobody is.
    const event = parse(packet.slice(packet.indexOf('[', EVENT.length)));
    if (Array.isArray(event) && typeof event[0] === 'string') this.#listener?.receive(event[0], event[1]);
    else this.#refuseMessage();
  }

  /** A connection on which a console is serves nothing else. */
  #refuseNamespace(packet: string): void {
    const comma = packet.indexOf(',');
    const namespace = comma < 0 ? packet.slice(CONNECT.length) : packet.slice(CONNECT.length, comma);
    // Nobody who means it has a longer one, or goes on asking without hearing the answers (SYNC-N2).
    if (namespace.length > LONGEST_NAMESPACE || this.#webSocket.bufferedAmount > MOST_UNHEARD_BYTES) {
      this.#refuseMessage();
      return;
    }
    this.#sendPacket(`${REFUSAL}${namespace},${JSON.stringify({ message: 'Use a connection of its own.' })}`);
  }

  #refuseMessage(): void {
    const reason = 'malformed-message';
    this.end(0, makeErrorBody('invalid', 'relay', 'That is no message of a console.', { reason }));
  }

  #closed(): void {
    if (this.#isOver) return;
    this.#isOver = true;
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
