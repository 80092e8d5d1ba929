import { zstdDecompressSync } from 'node:zlib';
import { WebSocket } from 'ws';
import { makeUuidV7 } from '../../shared/primitives/uuid-v7.ts';
import type { FromRelay } from '../../shared/relay-protocol/from-relay.ts';
import { PROTOCOL_VERSION } from '../../shared/relay-protocol/protocol-version.ts';
import type { ToRelay } from '../../shared/relay-protocol/to-relay.ts';
import { createSystemRandom } from '../../src-relay/system-clock.ts';
import type { SwarmListener, SwarmPeer } from './swarm-peer.ts';

const PREFIX = '42/agent,';
const FRAME = `${PREFIX}["frame"`;
/** What announces that the next message is the bytes of a frame (Socket.IO's binary event), and whether as zstd. */
const PACKED = '451-/agent,["packed",';
/** Where a frame tells whether it takes a credit; its events come before. */
const END_OF_FRAME = 70;
const random = createSystemRandom();

/** Where the log and the console's cache stand, so that a thousand of them need no snapshot. */
export type ConsolePosition = Pick<ToRelay['hello'], 'epoch' | 'cursor' | 'held'>;

export interface LightConsoleOptions {
  /** `http://…` of the relay. */
  url: string;
  accessToken: string;
  position: ConsolePosition;
  /** Conversation to which it adds notes. */
  conversationId: string;
  listener: SwarmListener;
}

/**
 * A session of a console without the console: it speaks the relay's protocol over Socket.IO's framing by hand, keeps
 * nothing, and looks no deeper into a frame than it must, so that what is measured is the relay.
 */
export class LightConsole implements SwarmPeer {
  readonly #options: LightConsoleOptions;
  readonly #socket: WebSocket;
  readonly #session = makeId();
  readonly #markers = new Map<string, string>();
  #n = 0;
  #head = 0;
  #isReady = false;
  #isPacked = false;
  #caughtUpEvents = 0;
  #onReady: () => void = () => {};

  private constructor(options: LightConsoleOptions) {
    this.#options = options;
    this.#socket = new WebSocket(`${options.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, {
      perMessageDeflate: false,
    });
    this.#socket.on('message', (data, isBinary) => {
      const bytes = data as Buffer;
      if (isBinary) this.#receiveBytes(bytes);
      else if (bytes.toString('latin1', 0, FRAME.length) === FRAME) this.#receiveFrame(bytes);
      else this.#receive(String(bytes));
    });
    this.#socket.on('error', (error) => options.listener.onBroken(error));
    this.#socket.on('close', (code) => options.listener.onBroken(new Error(`the relay closed a console (${code})`)));
  }

  /** Connects, says hello and waits until it is at the head. */
  static connect(options: LightConsoleOptions): Promise<LightConsole> {
    return new Promise((resolve, reject) => {
      const light = new LightConsole({
        ...options,
        listener: {
          ...options.listener,
          onBroken: (error) => {
            reject(error);
            options.listener.onBroken(error);
          },
        },
      });
      light.#onReady = () => resolve(light);
    });
  }

  /** Events that it received until it was at the head. */
  get caughtUpEvents(): number {
    return this.#caughtUpEvents;
  }

  say(marker: string, text: string): void {
    this.#n += 1;
    const id = makeId();
    this.#markers.set(id, marker);
    const { conversationId } = this.#options;
    const command = {
      id,
      n: this.#n,
      type: 'note.add',
      v: 1,
      subjects: [`conversation:${conversationId}` as const],
      args: { conversationId, messageId: makeId(), text, writtenAt: Date.now() },
      after: null,
      clientAt: Date.now(),
    };
    this.#send('submit', { session: this.#session, submissions: [{ command, isDelayed: false }], ackedN: 0 });
  }

  close(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.terminate();
  }

  #receive(text: string): void {
    if (text.startsWith(PACKED)) {
      this.#isPacked = text.includes('"isZstd":true');
      return;
    }
    if (text.startsWith(`${PREFIX}["results"`)) this.#receiveResults(text);
    else if (text === '2') this.#socket.send('3');
    else if (text.startsWith('0')) {
      this.#socket.send(`40/agent,${JSON.stringify({ token: this.#options.accessToken })}`);
    } else if (text.startsWith('40/agent,')) this.#hello();
    else if (text.startsWith('44/agent,') || text.startsWith(`${PREFIX}["bye"`)) {
      this.#options.listener.onBroken(new Error(`the relay refused a console: ${text}`));
    } else if (text.startsWith(`${PREFIX}["welcome"`)) this.#welcome(text);
  }

  #welcome(text: string): void {
    const [, welcome] = JSON.parse(text.slice(PREFIX.length)) as [string, FromRelay['welcome']];
    this.#head = welcome.head;
    if (welcome.mode === 'tail' && !welcome.needHeld) return;
    this.#options.listener.onBroken(new Error(`the relay does not go on from the position given: ${text}`));
  }

  #receiveFrame(bytes: Buffer): void {
    const end = bytes.toString('latin1', Math.max(0, bytes.length - END_OF_FRAME));
    if (end.endsWith('"isCatchUp":true}]')) {
      const startedAt = performance.now();
      const [, frame] = JSON.parse(String(bytes).slice(PREFIX.length)) as [string, FromRelay['frame']];
      this.#catchUp(frame, startedAt);
      return;
    }
    if (end.includes('"wantsCredit":true')) {
      const [, frame] = JSON.parse(String(bytes).slice(PREFIX.length)) as [string, FromRelay['frame']];
      this.#send('credit', { session: this.#session, cursor: frame.to });
    }
    const { listener } = this.#options;
    if (!listener.isListening()) return;
    const text = String(bytes);
    // Each event names its command once.
    listener.onHeard(text, text.split('"commandId":').length - 1);
  }

  /** Only catch-ups come as bytes as long as a console keeps up. */
  #receiveBytes(bytes: Buffer): void {
    const startedAt = performance.now();
    const text = (this.#isPacked ? zstdDecompressSync(bytes) : bytes).toString();
    this.#catchUp(JSON.parse(text) as FromRelay['frame'], startedAt);
  }

  #catchUp(frame: FromRelay['frame'], startedAt: number): void {
    this.#caughtUpEvents += frame.events.length;
    const heldMs = performance.now() - startedAt;
    this.#send('credit', { session: this.#session, cursor: frame.to, heldMs });
    if (this.#isReady || frame.to < this.#head) return;
    this.#isReady = true;
    this.#onReady();
  }

  #receiveResults(text: string): void {
    const [, { results }] = JSON.parse(text.slice(PREFIX.length)) as [string, FromRelay['results']];
    for (const result of results) {
      const marker = this.#markers.get(result.id);
      this.#markers.delete(result.id);
      if (!result.ok) this.#options.listener.onBroken(new Error(`a note was refused: ${result.error.message}`));
      else if (marker !== undefined) this.#options.listener.onAnswered(marker);
    }
  }

  #hello(): void {
    this.#send('hello', {
      protocol: [PROTOCOL_VERSION, PROTOCOL_VERSION],
      schema: 'bench',
      device: makeId(),
      session: this.#session,
      ...this.#options.position,
      ackedN: 0,
    });
  }

  #send<Name extends keyof ToRelay>(name: Name, message: ToRelay[Name]): void {
    this.#socket.send(`${PREFIX}${JSON.stringify([name, message])}`);
  }
}

function makeId(): string {
  return makeUuidV7(Date.now(), random.bytes(10));
}
