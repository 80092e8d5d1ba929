import type { ErrorBody } from '../../shared/errors.ts';

/** A refusal by the relay, as it told it. */
export class WidgetApiError extends Error {
  readonly body: ErrorBody;
  readonly status: number;

  constructor(status: number, body: ErrorBody) {
    super(body.message);
    this.name = 'WidgetApiError';
    this.status = status;
    this.body = body;
  }
}

/** For a relay that cannot be reached, and for answers that are none of the relay's. */
export function unreachable(message: string): WidgetApiError {
  return new WidgetApiError(0, { kind: 'offline', origin: 'widget', message, retryable: true, reason: 'unreachable' });
}
