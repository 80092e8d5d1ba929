import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { AGENT_SOCKET_PATH } from '../../shared/relay-protocol/agent-socket.ts';
import type { Clock, Random } from '../../shared/primitives/clock.ts';
import { ConsoleSocket, type ConsoleSocketHost } from './console-socket.ts';
import { PackedTexts } from './packed-texts.ts';

/** How often each console is asked for a sign of life. */
const PING_MS = 25_000;
/** How much later than it should a console may get that question before it gives the connection up. */
const PING_LATE_MS = 20_000;
const TURN_MS = 1000;
const SID_BYTES = 15;

export interface ConsoleSocketsParts extends Pick<ConsoleSocketHost, 'signIn' | 'refuse'> {
  server: Server;
  clock: Clock;
  random: Random;
  /** The largest message that a console may send, in bytes. */
  limitBytes: number;
}

/** Takes the consoles' WebSockets of an HTTP server and asks them in turn whether they are still there. */
export class ConsoleSockets {
  readonly #parts: ConsoleSocketsParts;
  readonly #webSockets: WebSocketServer;
  readonly #host: ConsoleSocketHost;
  /** Those that are asked in the same second: as many in each, also when all came at once. */
  readonly #turns = Array.from({ length: PING_MS / TURN_MS }, () => new Set<ConsoleSocket>());
  #turn = 0;
  #nextToFill = 0;
  #cancelTurn: () => void = () => {};

  constructor(parts: ConsoleSocketsParts) {
    this.#parts = parts;
    this.#webSockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: parts.limitBytes,
    });
    this.#host = {
      packedTexts: new PackedTexts(),
      signIn: parts.signIn,
      refuse: parts.refuse,
      gone: (socket) => {
        for (const turn of this.#turns) if (turn.delete(socket)) return;
      },
    };
    parts.server.on('upgrade', this.#upgrade);
    this.#scheduleTurn();
  }

  /** Takes no more consoles and asks nobody any more; whoever has a connection keeps it. */
  close(): void {
    this.#parts.server.removeListener('upgrade', this.#upgrade);
    this.#cancelTurn();
  }

  readonly #upgrade = (request: IncomingMessage, connection: Duplex, head: Buffer): void => {
    if (request.url?.split('?')[0] !== AGENT_SOCKET_PATH) return;
    this.#webSockets.handleUpgrade(request, connection, head, (webSocket) => {
      const socket = new ConsoleSocket(webSocket, this.#host);
      this.#turns[this.#nextToFill]!.add(socket);
      this.#nextToFill = (this.#nextToFill + 1) % this.#turns.length;
      socket.open({
        sid: Buffer.from(this.#parts.random.bytes(SID_BYTES)).toString('base64url'),
        pingInterval: PING_MS,
        pingTimeout: PING_LATE_MS,
        maxPayload: this.#parts.limitBytes,
      });
    });
  };

  #scheduleTurn(): void {
    this.#cancelTurn = this.#parts.clock.after(TURN_MS, () => {
      for (const socket of this.#turns[this.#turn]!) socket.checkAlive();
      this.#turn = (this.#turn + 1) % this.#turns.length;
      this.#scheduleTurn();
    });
  }
}
