import { createHash } from 'node:crypto';
import { AppError, errorBodySchema } from '../../../shared/errors.ts';
import type { Clock } from '../../../shared/primitives/clock.ts';
import { type SignedIn, signedInSchema } from '../../../shared/relay-protocol/auth-api.ts';

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

export interface UploadState {
  /** Bytes the relay has. */
  offset: number;
  isComplete: boolean;
}

/** An access token with how long it is good from now on, whatever either clock says. */
export interface Grant extends SignedIn {
  lifetimeMs: number;
}

const TIMEOUT_MS = 30_000;
/** A whole file may take as long as its line needs, if only something of it comes. */
const STALLED_MS = 30_000;

/** The relay's HTTP surface as a console uses it: sign-in, tokens, files. */
export class RelayHttp {
  readonly #url: string;
  readonly #fetch: Fetch;
  readonly #clock: Clock;

  constructor(relayUrl: string, fetch: Fetch, clock: Clock) {
    this.#url = relayUrl.replace(/\/+$/u, '');
    this.#fetch = fetch;
    this.#clock = clock;
  }

  /** @throws AppError `unauthenticated` for a wrong password, `offline` when the relay cannot be reached */
  async signIn(email: string, password: string, deviceId: string): Promise<Grant> {
    return this.#grant('sign-in', { email, password, deviceId, deviceName: 'Liendesk' });
  }

  /** @throws AppError `unauthenticated` when the sign-in is no longer good */
  async refresh(refreshToken: string): Promise<Grant> {
    return this.#grant('refresh', { refreshToken });
  }

  async signOut(accessToken: string): Promise<void> {
    await this.#call('/api/v1/auth/sign-out', { method: 'POST', headers: bearer(accessToken) });
  }

  async uploadState(fileId: string, accessToken: string): Promise<UploadState> {
    const response = await this.#call(`/files/uploads/${fileId}`, { method: 'HEAD', headers: bearer(accessToken) });
    return uploadStateOf(response);
  }

  /** Sends bytes from `offset` on. */
  async upload(
    file: { id: string; name: string; size: number },
    offset: number,
    content: Uint8Array,
    accessToken: string,
  ): Promise<UploadState> {
    const query = new URLSearchParams({ size: String(file.size), name: file.name });
    const response = await this.#call(`/files/uploads/${file.id}?${query.toString()}`, {
      method: 'PUT',
      headers: {
        ...bearer(accessToken),
        'content-type': 'application/octet-stream',
        'upload-offset': String(offset),
      },
      body: Buffer.from(content),
    });
    return uploadStateOf(response);
  }

  /**
   * A whole file, as its id says that it is.
   * @throws AppError `not_found` also for what is not theirs, `offline` when it breaks off
   */
  async download(fileId: string, accessToken: string): Promise<Uint8Array> {
    const stalled = new AbortController();
    const { signal } = stalled;
    const patience = (): (() => void) => this.#clock.after(STALLED_MS, () => stalled.abort());
    let cancel = patience();
    try {
      const response = await this.#call(`/files/${fileId}`, { headers: bearer(accessToken), signal });
      const pieces: Uint8Array[] = [];
      for await (const piece of piecesOf(response)) {
        cancel();
        cancel = patience();
        pieces.push(piece);
      }
      const content = Buffer.concat(pieces);
      // Whatever stands between here and the relay may have answered in its place.
      if (createHash('sha256').update(content).digest('hex') !== fileId) throw noRelay();
      return content;
    } finally {
      cancel();
    }
  }

  async #grant(path: string, body: object): Promise<Grant> {
    const response = await this.#call(`/api/v1/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const parsed = signedInSchema.safeParse(await response.json().catch(nullUnlessBroken));
    if (!parsed.success) throw noRelay();
    // By the relay's own clock at both ends: the one here may be wrong.
    const serverNow = Date.parse(response.headers.get('date') ?? '');
    const lifetimeMs = Number.isNaN(serverNow) ? 0 : parsed.data.accessExpiresAt - serverNow;
    return { ...parsed.data, lifetimeMs: Math.max(0, lifetimeMs) };
  }

  async #call(path: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await this.#fetch(`${this.#url}${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS), ...init });
    } catch (cause) {
      throw unreachable(cause);
    }
    if (response.ok) return response;
    const parsed = errorBodySchema.safeParse(await response.json().catch(() => null));
    if (parsed.success) throw AppError.fromBody(parsed.data);
    if (response.status === 401) throw new AppError('unauthenticated', 'The relay refused the sign-in.');
    if (response.status >= 500 || response.status === 429) {
      throw new AppError('retry', `The relay answered ${response.status}; try again later.`);
    }
    throw noRelay();
  }
}

function bearer(accessToken: string): { authorization: string } {
  return { authorization: `Bearer ${accessToken}` };
}

function uploadStateOf(response: Response): UploadState {
  return {
    offset: Number(response.headers.get('upload-offset') ?? 0),
    isComplete: response.headers.get('upload-complete') === '?1',
  };
}

async function* piecesOf({ body }: Response): AsyncGenerator<Uint8Array> {
  try {
    if (body !== null) yield* body;
  } catch (cause) {
    throw unreachable(cause);
  }
}

/** What is no JSON comes from something else; what did not come whole may well be the relay's. */
function nullUnlessBroken(error: unknown): null {
  if (error instanceof SyntaxError) return null;
  throw unreachable(error);
}

function unreachable(cause: unknown): AppError {
  return new AppError('offline', 'The relay cannot be reached.', { reason: 'relay-unreachable', cause });
}

function noRelay(): AppError {
  return new AppError('unsupported', 'There is no Liendesk relay at this address.', { reason: 'not-a-relay' });
}
