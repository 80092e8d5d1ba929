import { z } from 'zod';

/** Every way in which a thing can be refused or fail; one line of meaning each. */
export const ERROR_KINDS = {
  /** What was asked does not make sense as it stands: a field is missing, too long or out of range. */
  invalid: 'final',
  /** Nobody is signed in, or the sign-in is no longer good. */
  unauthenticated: 'final',
  /** The actor may not do this. */
  forbidden: 'final',
  /** There is no such thing, or none that the actor may see. */
  not_found: 'final',
  /** Somebody else was first; `current` tells what is so now. */
  conflict: 'final',
  /** The conversation moved on since the agent wrote; the text is kept and offered again. */
  stale: 'final',
  /** The subject was deleted. */
  gone: 'final',
  /** The command is too old for its result to be known; it is never executed again. */
  expired: 'final',
  /** The same command id came with another content. */
  id_reuse: 'final',
  /** A file or text is over its limit. */
  too_large: 'final',
  /** The kind of file, channel or request is not supported. */
  unsupported: 'final',
  /** The two sides' versions do not fit together. */
  incompatible: 'final',
  /** The command names a file that the relay does not have; upload it and submit again. */
  blob_missing: 'retry',
  /** Try again later, after `retryAfterMs` where given. */
  retry: 'retry',
  /** Too many requests. */
  rate_limited: 'retry',
  /** There is no connection to the relay, and this cannot be answered from the cache. */
  offline: 'retry',
  /** The disk is full or the file cannot be read or written. */
  storage: 'retry',
  /** A mistake of ours. */
  internal: 'final',
} as const;

export type ErrorKind = keyof typeof ERROR_KINDS;
export type ErrorOrigin = 'console' | 'relay' | 'channel' | 'host' | 'widget';

const errorKindSchema = z.enum(Object.keys(ERROR_KINDS) as [ErrorKind, ...ErrorKind[]]);

/** An error as it crosses a boundary. `reason` and `params` let a view say it in the user's language. */
export const errorBodySchema = z.object({
  kind: errorKindSchema,
  origin: z.enum(['console', 'relay', 'channel', 'host', 'widget']),
  /** English, for logs and developers; says what to do. */
  message: z.string(),
  retryable: z.boolean(),
  /** A stable code such as `text-too-long`; views translate `errors.<reason>`. */
  reason: z.string().optional(),
  params: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  retryAfterMs: z.number().optional(),
  /** What is true now, for `conflict` and `stale`. */
  current: z.unknown().optional(),
});
export type ErrorBody = z.infer<typeof errorBodySchema>;

export interface ErrorDetails {
  reason?: string;
  params?: Record<string, string | number>;
  retryAfterMs?: number;
  current?: unknown;
  cause?: unknown;
}

/** Thrown inside a process; `toErrorBody` turns it into what crosses a boundary. */
export class AppError extends Error {
  readonly kind: ErrorKind;
  readonly details: ErrorDetails;

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'AppError';
    this.kind = kind;
    this.details = details;
  }

  static fromBody(body: ErrorBody): AppError {
    const { kind, message, reason, params, retryAfterMs, current } = body;
    return new AppError(kind, message, withoutUndefined({ reason, params, retryAfterMs, current }) as ErrorDetails);
  }
}

/** Any thrown value as a plain body; what is not an `AppError` becomes `internal` without its details. */
export function toErrorBody(error: unknown, origin: ErrorOrigin): ErrorBody {
  if (error instanceof AppError) return makeErrorBody(error.kind, origin, error.message, error.details);
  return makeErrorBody('internal', origin, 'Something went wrong on our side; the log has the details.');
}

export function makeErrorBody(
  kind: ErrorKind,
  origin: ErrorOrigin,
  message: string,
  details: ErrorDetails = {},
): ErrorBody {
  const { reason, params, retryAfterMs, current } = details;
  return {
    kind,
    origin,
    message,
    retryable: ERROR_KINDS[kind] === 'retry',
    ...withoutUndefined({ reason, params, retryAfterMs, current }),
  };
}

function withoutUndefined(fields: Record<string, unknown>): Partial<ErrorBody> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
