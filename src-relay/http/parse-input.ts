import type { z } from 'zod';
import { AppError } from '../../shared/errors.ts';

/**
 * A body, query or parameters by their schema.
 * @throws AppError `invalid`, reason `malformed-request`, naming the first field that does not fit
 */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  const message = field === '' ? (issue?.message ?? 'Invalid request.') : `${field}: ${issue?.message}`;
  throw new AppError('invalid', message, { reason: 'malformed-request', params: { field } });
}
