import type { ErrorKind } from './errors.ts';

const STATUS: Record<ErrorKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  stale: 409,
  gone: 410,
  expired: 410,
  id_reuse: 409,
  too_large: 413,
  unsupported: 415,
  incompatible: 409,
  blob_missing: 409,
  retry: 503,
  rate_limited: 429,
  offline: 503,
  storage: 507,
  internal: 500,
};

/** The HTTP status that carries an `ErrorBody` of this kind. */
export function httpStatusOf(kind: ErrorKind): number {
  return STATUS[kind];
}
