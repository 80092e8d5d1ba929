import { hash } from 'node:crypto';

/** First digits of the fourth part that RFC 9562 allows. */
const VARIANTS = '89ab';

/**
 * A UUID (version 8, RFC 9562) that follows from `parts`: the same parts always give the same id, so that a command
 * which a reactor or a channel issues again after a crash is recognised as the same one (SYNC-C7).
 */
export function deriveId(...parts: readonly (string | number)[]): string {
  // As text: a buffer has memory of its own outside of the heap, which takes longer than all the rest.
  const hex = hash('sha256', JSON.stringify(parts), 'hex');
  const variant = VARIANTS[Number.parseInt(hex[16]!, 16) & 3]!;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
