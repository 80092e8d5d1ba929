import { z } from 'zod';
import { type CoreRequestName, coreRequests } from '../../shared/core-api/requests.ts';
import {
  type FromCoreFrame,
  type ToCoreFrame,
  ephemeralFrameSchema,
  requestFrameSchema,
} from '../../shared/core-api/port.ts';
import { coreEphemerals } from '../../shared/core-api/pushes.ts';
import type { CoreEphemerals } from '../../shared/core-api/pushes.ts';
import { AppError, makeErrorBody, toErrorBody } from '../../shared/errors.ts';
import { asStorageFault } from './storage-fault.ts';

export interface RouterParts {
  /** Answers a request whose input fits its schema. @throws AppError */
  answer(name: CoreRequestName, input: unknown): Promise<unknown>;
  ephemeral<Name extends keyof CoreEphemerals>(name: Name, payload: CoreEphemerals[Name]): void;
  /** A mistake of ours, of which the view only hears that there was one, or a disk that is full or fails. */
  onMistake(name: string, error: unknown): void;
}

/**
 * Takes a frame from a view, whatever it is, and never throws.
 * @returns the reply; null for what is not replied to
 */
export async function routeFrame(frame: ToCoreFrame, parts: RouterParts): Promise<FromCoreFrame | null> {
  const request = requestFrameSchema.safeParse(frame);
  if (request.success) return answer(request.data, parts);
  const ephemeral = ephemeralFrameSchema.safeParse(frame);
  if (ephemeral.success) {
    passOn(ephemeral.data.ephemeral, ephemeral.data.payload, parts);
    return null;
  }
  const error = makeErrorBody('invalid', 'console', 'A frame has an id and a request, or an ephemeral.', {
    reason: 'malformed-frame',
  });
  return { id: idOf(frame), ok: false, error };
}

async function answer(
  { id, request: name, input }: z.infer<typeof requestFrameSchema>,
  parts: RouterParts,
): Promise<FromCoreFrame> {
  try {
    if (!Object.hasOwn(coreRequests, name)) {
      throw new AppError('unsupported', `There is no request ${name.slice(0, 80)}.`, { reason: 'no-such-request' });
    }
    const known = name as CoreRequestName;
    const parsed = coreRequests[known].input.safeParse(input ?? {});
    if (!parsed.success) {
      throw new AppError('invalid', z.prettifyError(parsed.error), { reason: 'input-invalid' });
    }
    return { id, ok: true, output: await parts.answer(known, parsed.data) };
  } catch (error) {
    if (!(error instanceof AppError)) parts.onMistake(name, error);
    return { id, ok: false, error: toErrorBody(asStorageFault(error) ?? error, 'console') };
  }
}

function passOn(name: string, payload: unknown, parts: RouterParts): void {
  if (name !== 'typing' && name !== 'viewing') return;
  const parsed = coreEphemerals[name].safeParse(payload);
  if (parsed.success) parts.ephemeral(name, parsed.data as CoreEphemerals[typeof name]);
}

/** The id of a frame that is otherwise wrong, so that whoever asked learns of it; 0 where there is none. */
function idOf(frame: unknown): number {
  const id = typeof frame === 'object' && frame !== null && 'id' in frame ? frame.id : 0;
  return typeof id === 'number' && Number.isSafeInteger(id) ? id : 0;
}
