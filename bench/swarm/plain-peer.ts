import { WebSocket } from 'ws';
import type { SwarmListener, SwarmPeer } from './swarm-peer.ts';

export const ANSWER = 'answer ';

/** A bare WebSocket: what it says is sent as it is, what it hears is passed on as it is. */
export class PlainPeer implements SwarmPeer {
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  static connect(url: string, listener: SwarmListener): Promise<PlainPeer> {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    socket.on('message', (data) => {
      const text = String(data);
      if (text.startsWith(ANSWER)) listener.onAnswered(text.slice(ANSWER.length, text.indexOf('|')));
      else listener.onHeard(text, 1);
    });
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(new PlainPeer(socket)));
      socket.on('error', (error) => {
        reject(error);
        listener.onBroken(error);
      });
      socket.on('close', (code) => listener.onBroken(new Error(`the server closed a socket (${code})`)));
    });
  }

  say(marker: string, text: string): void {
    this.#socket.send(`${marker}|${text}`);
  }

  close(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.terminate();
  }
}
