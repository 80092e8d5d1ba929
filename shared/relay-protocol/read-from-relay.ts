import type { z } from 'zod';
import { AppError } from '../errors.ts';
import { type Frame, type SnapshotPage, frameSchema, snapshotPageSchema } from './frames.ts';
import { type FromRelay, fromRelay } from './from-relay.ts';
import { hasSession, isDigests, isFrameBody, isPageBody, isSuccesses, isTick } from './quick-check.ts';

/** A frame or page as it is stored: which session brought it does not matter any more. */
export type FrameBody = Omit<Frame, 'session'> & Partial<Pick<Frame, 'session'>>;
export type PageBody = Omit<SnapshotPage, 'session'> & Partial<Pick<SnapshotPage, 'session'>>;

const MALFORMED = 'malformed-message';
const frameBodySchema = frameSchema.omit({ session: true });
const pageBodySchema = snapshotPageSchema.omit({ session: true });

/**
 * What the relay said, if it is a message of that name. It may be the very object that was given.
 * @throws AppError `invalid` with the reason `malformed-message`
 */
export function readFromRelay<Name extends keyof FromRelay>(name: Name, raw: unknown): FromRelay[Name] {
  return isPlainlyRight(name, raw) ? (raw as FromRelay[Name]) : (parse(name, fromRelay[name], raw) as FromRelay[Name]);
}

/** Without its schema, which is slow. */
function isPlainlyRight(name: keyof FromRelay, raw: unknown): boolean {
  switch (name) {
    case 'frame':
      return hasSession(raw) && isFrameBody(raw);
    case 'page':
      return hasSession(raw) && isPageBody(raw);
    case 'results':
      return isSuccesses(raw);
    case 'tick':
      return isTick(raw);
    case 'digests':
      return isDigests(raw);
    default:
      return false;
  }
}

/** A frame from the JSON of everything but its session. @throws AppError as `readFromRelay` */
export function readFrameText(text: string): FrameBody {
  const raw = jsonOf('frame', text);
  return isFrameBody(raw) ? raw : (parse('frame', frameBodySchema, raw) as FrameBody);
}

/** Likewise a page. @throws AppError as `readFromRelay` */
export function readPageText(text: string): PageBody {
  const raw = jsonOf('page', text);
  return isPageBody(raw) ? raw : (parse('page', pageBodySchema, raw) as PageBody);
}

/** @param where name of a message, with the path into it */
export function malformed(where: string): AppError {
  return new AppError('invalid', `The relay sent something malformed: ${where}.`, { reason: MALFORMED });
}

export function isMalformed(error: unknown): error is AppError {
  return error instanceof AppError && error.details.reason === MALFORMED;
}

function parse(name: string, schema: z.ZodType, raw: unknown): unknown {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw malformed([name, ...(parsed.error.issues[0]?.path ?? [])].join('.'));
}

function jsonOf(name: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw malformed(name);
  }
}
