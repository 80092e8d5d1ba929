import { AppError } from '../../../shared/errors.ts';

/** Makes a browser begin anew, as somebody whom nobody knows, and say again what it said. */
export function sessionOver(): AppError {
  return new AppError('unauthenticated', 'This session is over; start a new one.', { reason: 'session-over' });
}
