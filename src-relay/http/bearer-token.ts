import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../../shared/errors.ts';

/**
 * The token of an `Authorization: Bearer …` header.
 * @throws AppError `unauthenticated` where there is none
 */
export function bearerToken(headers: IncomingHttpHeaders): string {
  const match = /^Bearer ([\w.~+/=-]+)$/i.exec(headers.authorization ?? '');
  if (match?.[1] === undefined) throw new AppError('unauthenticated', 'Sign in first.', { reason: 'signed-out' });
  return match[1];
}
