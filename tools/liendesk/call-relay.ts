import { ADMIN_API_PREFIX, type AdminRoute } from '../../shared/admin-api/admin-route.ts';
import { AppError, errorBodySchema } from '../../shared/errors.ts';

export interface RelayAccess {
  /** Without a slash at the end. */
  url: string;
  token: string;
}

export interface RouteInput {
  params: Record<string, unknown>;
  query: Record<string, unknown>;
  body: Record<string, unknown>;
}

/** Asks the relay. @throws AppError with its refusal, or `offline` where nothing answers */
export async function callRelay(relay: RelayAccess, route: AdminRoute, input: RouteInput): Promise<unknown> {
  const path = route.path.replace(/:(\w+)/g, (_whole, field: string) =>
    encodeURIComponent(String(input.params[field])),
  );
  const query = new URLSearchParams(
    Object.fromEntries(Object.entries(input.query).map(([field, value]) => [field, String(value)])),
  );
  const hasBody = route.method === 'POST' || route.method === 'PATCH';
  const address = `${relay.url}${ADMIN_API_PREFIX}${path}${query.size === 0 ? '' : `?${query.toString()}`}`;
  const response = await fetch(address, {
    method: route.method,
    headers: {
      authorization: `Bearer ${relay.token}`,
      ...(hasBody ? { 'content-type': 'application/json' } : {}),
    },
    ...(hasBody ? { body: JSON.stringify(input.body) } : {}),
  }).catch((cause: unknown) => {
    throw new AppError('offline', `No relay answers at ${relay.url}: ${causeOf(cause)}.`, { cause });
  });
  const text = await response.text();
  const answer = parseAnswer(text);
  if (response.ok && answer !== undefined) return answer;
  const refusal = errorBodySchema.safeParse(answer);
  if (refusal.success) throw AppError.fromBody(refusal.data);
  throw new AppError(
    'incompatible',
    `${address} answers with status ${response.status}, but not as a relay of this version.`,
  );
}

function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** `fetch failed` says nothing; what it failed of does. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
