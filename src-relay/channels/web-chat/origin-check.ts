import { AppError } from '../../../shared/errors.ts';

/** Whether a page of this origin is the relay's own: the widget's frame. */
export function isOwnOrigin(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}

/** @throws AppError `forbidden` */
export function refuseOrigin(origin: string | undefined): never {
  throw new AppError('forbidden', `Pages of ${origin ?? 'an unnamed origin'} may not use this web chat.`, {
    reason: 'origin-refused',
  });
}
