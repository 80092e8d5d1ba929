import type { ErrorBody } from '../../shared/errors.ts';
import { WidgetApiError, unreachable } from './widget-api-error.ts';

export type FetchLike = (url: string, init: RequestInit) => Promise<Response>;

export interface Call {
  method: 'GET' | 'POST';
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  token?: string;
  signal?: AbortSignal;
  /** Sends this one call in place of the client's own. */
  fetch?: FetchLike;
}

/** One call of the widget's API. @throws WidgetApiError whatever went wrong */
export async function callApi(fetchLike: FetchLike, baseUrl: string, call: Call): Promise<Response> {
  const headers: Record<string, string> = { ...call.headers };
  if (call.token !== undefined) headers['authorization'] = `Bearer ${call.token}`;
  const init: RequestInit = { method: call.method, headers, credentials: 'omit', cache: 'no-store' };
  if (call.signal) init.signal = call.signal;
  if (call.body instanceof FormData) init.body = call.body;
  else if (call.body !== undefined) {
    headers['content-type'] = 'application/json';
    init.body = JSON.stringify(call.body);
  }
  const response = await fetchLike(baseUrl + call.path, init).catch((error: unknown) => {
    throw unreachable(error instanceof Error ? error.message : 'The relay cannot be reached.');
  });
  if (response.ok) return response;
  throw await toError(response);
}

async function toError(response: Response): Promise<WidgetApiError> {
  const body: unknown = await response.json().catch(() => null);
  if (isErrorBody(body)) return new WidgetApiError(response.status, body);
  // A proxy's own page: the relay itself said nothing.
  const error = unreachable(`The answer was ${response.status}.`);
  return new WidgetApiError(response.status, error.body);
}

function isErrorBody(body: unknown): body is ErrorBody {
  return typeof body === 'object' && body !== null && 'kind' in body && 'retryable' in body;
}
