import { ADMIN_API_PREFIX, type AdminRoute } from '../../shared/admin-api/admin-route.ts';
import { AppError, errorBodySchema } from '../../shared/errors.ts';
import { sendRequest } from './send-request.ts';

export interface RelayAccess {
  /** Without a slash at the end. */
  url: string;
  token: string;
  /** PEM that the relay must show; null: any that the machine trusts. */
  certificate: string | null;
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
  const { status, text } = await sendRequest({
    url: address,
    method: route.method,
    headers: { authorization: `Bearer ${relay.token}` },
    certificate: relay.certificate,
    ...(hasBody ? { body: JSON.stringify(input.body) } : {}),
  }).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('offline', `No relay answers at ${relay.url}: ${reason}.`, { cause });
  });
  const answer = parseAnswer(text);
  if (status === 200 && answer !== undefined) return answer;
  const refusal = errorBodySchema.safeParse(answer);
  if (refusal.success) throw AppError.fromBody(refusal.data);
  throw new AppError('incompatible', `${address} answers with status ${status}, but not as a relay of this version.`);
}

function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
