import type { Socket as NetSocket } from 'node:net';
import type { Socket } from 'socket.io';
import type { WebSocket } from 'ws';
import type { Clock } from '../../shared/primitives/clock.ts';
import { BulkBytes } from './bulk-bytes.ts';
import { ConsoleSocket, type ConsoleSocketHost, openFrameBytes } from './console-socket.ts';

/** How often each console is asked for a sign of life: as often as Engine.IO has told it. */
const PING_MS = 25_000;
const TURN_MS = 1000;

/** The parts of Engine.IO's socket that lead to the WebSocket below it. */
interface EngineSocket {
  writeBuffer: readonly unknown[];
  transport: { name: string; socket?: WebSocket };
}

/** The connection below a WebSocket of `ws`. */
interface WithConnection {
  _socket?: NetSocket;
}

/** Takes consoles over from Socket.IO once they have signed in, and asks them in turn whether they are still there. */
export class ConsoleSockets {
  readonly #clock: Clock;
  readonly #host: ConsoleSocketHost;
  /** Those that are asked in the same second: as many in each, also when all came at once. */
  readonly #turns = Array.from({ length: PING_MS / TURN_MS }, () => new Set<ConsoleSocket>());
  #turn = 0;
  #nextTurnAt: number;
  #nextToFill = 0;
  #cancelTurn: () => void = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#host = {
      bulkBytes: new BulkBytes(),
      frameBytes: openFrameBytes(),
      gone: (socket) => {
        for (const turn of this.#turns) if (turn.delete(socket)) return;
      },
    };
    this.#nextTurnAt = clock.monotonic();
    this.#scheduleTurn();
  }

  /**
   * Takes the WebSocket from under a socket that has just connected. Socket.IO and Engine.IO are told that it was closed,
   * so that they let go of everything that they keep for it: twelve of fifteen KiB.
   */
  takeOver({ id, conn }: Socket): ConsoleSocket {
    const engine = conn as unknown as EngineSocket;
    const webSocket = engine.transport.socket;
    if (engine.transport.name !== 'websocket' || webSocket === undefined) throw new Error('not on a WebSocket');
    // What Engine.IO has not handed to the WebSocket yet goes with it: at this time only the answer to the sign-in.
    const isWelcome = engine.writeBuffer.length === 0;
    const closeListeners = webSocket.listeners('close');
    for (const event of ['message', 'error', 'close'] as const) webSocket.removeAllListeners(event);
    const socket = new ConsoleSocket(webSocket, this.#host);
    for (const closed of closeListeners) closed.call(webSocket);
    letGoOfRequest(webSocket);
    if (!isWelcome) socket.welcome(id);
    this.#turns[this.#nextToFill]!.add(socket);
    this.#nextToFill = (this.#nextToFill + 1) % this.#turns.length;
    return socket;
  }

  /** Keeps nothing of what was sent: something in it was erased. */
  forget(): void {
    this.#host.bulkBytes.forget();
  }

  /** Asks nobody any more; whoever has a connection keeps it. */
  close(): void {
    this.#cancelTurn();
  }

  #scheduleTurn(): void {
    // By the time that has passed: on a busy relay turns that are late would add up to more than consoles wait.
    this.#nextTurnAt += TURN_MS;
    this.#cancelTurn = this.#clock.after(Math.max(0, this.#nextTurnAt - this.#clock.monotonic()), () => {
      for (const socket of this.#turns[this.#turn]!) socket.checkAlive();
      this.#turn = (this.#turn + 1) % this.#turns.length;
      this.#scheduleTurn();
    });
  }
}

/**
 * Engine.IO's stand-in for the response to the handshake waits once for the end of the connection, and has the request
 * with all its headers: four KiB. It is told that this was the end.
 */
function letGoOfRequest(webSocket: WebSocket): void {
  const connection = (webSocket as WithConnection)._socket;
  for (const listener of connection?.rawListeners('close') ?? []) {
    // What waits once is wrapped; `ws` itself listens for good.
    const { listener: waiting } = listener as { listener?: () => void };
    if (waiting === undefined) continue;
    connection!.removeListener('close', waiting);
    waiting.call(connection);
  }
}
