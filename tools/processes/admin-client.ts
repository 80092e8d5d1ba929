import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const relayFileSchema = z.looseObject({ url: z.string(), adminToken: z.string() });

/** The relay's administration over HTTP, as the command line uses it. */
export class AdminClient {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** For the relay that runs on this data folder. */
  static ofDataDir(relayDir: string): AdminClient {
    const { url, adminToken } = relayFileSchema.parse(
      JSON.parse(readFileSync(path.join(relayDir, 'relay.json'), 'utf8')),
    );
    return new AdminClient(url, adminToken);
  }

  /** @throws Error with the relay's own words when it refuses */
  async call(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', route: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.#url}/api/v1${route}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) {
      const { message } = z.looseObject({ message: z.string() }).catch({ message: response.statusText }).parse(answer);
      throw new Error(`${method} ${route}: ${message}`);
    }
    return answer;
  }
}
