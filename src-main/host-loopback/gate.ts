import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/**
 * Who may talk to this host: a browser window that opened the printed address, and nothing else on the machine or
 * in the browser. The per-launch token in that address is exchanged for a cookie; every request must carry it, name
 * this host (no DNS rebinding) and, for the socket, come from this host's own pages (no other page can connect).
 */
export class Gate {
  readonly #token: Buffer;
  readonly #port: number;

  constructor(token: string, port: number) {
    this.#token = Buffer.from(token);
    this.#port = port;
  }

  /** Cookies on 127.0.0.1 are shared by all ports, so the name carries the port. */
  get cookieName(): string {
    return `liendesk_${this.#port}`;
  }

  /** The header that hands the token over to the browser, out of reach of scripts and of other sites' requests. */
  get cookieHeader(): string {
    return `${this.cookieName}=${this.#token.toString()}; HttpOnly; SameSite=Strict; Path=/`;
  }

  isOwnHost(request: IncomingMessage): boolean {
    return this.#ownNames().includes(request.headers.host ?? '');
  }

  /** A request without Origin is not made by another page; one with it must come from a page of this host. */
  isOwnOrigin(request: IncomingMessage): boolean {
    const { origin } = request.headers;
    return origin === undefined || this.#isOwn(origin);
  }

  /** For the socket, browsers always send the Origin. */
  isOwnSocket(request: IncomingMessage): boolean {
    return request.headers.origin !== undefined && this.#isOwn(request.headers.origin);
  }

  isToken(token: string): boolean {
    const given = Buffer.from(token);
    return given.length === this.#token.length && timingSafeEqual(given, this.#token);
  }

  hasCookie(request: IncomingMessage): boolean {
    for (const pair of (request.headers.cookie ?? '').split(';')) {
      const equals = pair.indexOf('=');
      if (equals > 0 && pair.slice(0, equals).trim() === this.cookieName) {
        return this.isToken(pair.slice(equals + 1).trim());
      }
    }
    return false;
  }

  #isOwn(origin: string): boolean {
    return this.#ownNames().some((name) => origin === `http://${name}`);
  }

  #ownNames(): string[] {
    return [`127.0.0.1:${this.#port}`, `localhost:${this.#port}`];
  }
}
