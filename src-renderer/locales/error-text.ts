import { AppError, type ErrorBody } from '../../shared/errors.ts';

/** Any `t`, whatever its namespace: the keys below name theirs. */
type Translate = (key: never, params: never) => unknown;

/**
 * An error in the user's language: by its reason, else by its kind. The English message of the body is for logs and
 * is never shown.
 */
export function errorText(t: Translate, error: unknown): string {
  const { kind, reason, params } = detailsOf(error);
  const keys = [...(reason === undefined ? [] : [`errors:reason.${reason}`]), `errors:kind.${kind}`];
  return String(t(keys as never, { ...params } as never));
}

function detailsOf(error: unknown): Pick<ErrorBody, 'kind' | 'reason' | 'params'> {
  if (error instanceof AppError) {
    const { reason, params } = error.details;
    return {
      kind: error.kind,
      ...(reason === undefined ? {} : { reason }),
      ...(params === undefined ? {} : { params }),
    };
  }
  if (isErrorBody(error)) return error;
  return { kind: 'internal' };
}

function isErrorBody(error: unknown): error is ErrorBody {
  return typeof error === 'object' && error !== null && 'kind' in error && 'origin' in error;
}
