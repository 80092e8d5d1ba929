import { type FromRelay, fromRelay } from '../../../shared/relay-protocol/from-relay.ts';
import { readFromRelay } from '../../../shared/relay-protocol/read-from-relay.ts';
import type { GivenFrame, GivenPage } from '../cache/given-frame.ts';
import { unpack } from './unpack.ts';

type Messages = Omit<FromRelay, 'frame' | 'page'> & { frame: GivenFrame; page: GivenPage };

/** What the relay said: checked, but for what came as bytes, of which only the session is known. */
export type Heard = {
  [Name in keyof Messages]: { name: Name; message: Messages[Name]; session: string | undefined };
}[keyof Messages];

/** @returns null for what no message is called. @throws AppError `invalid` (`malformed-message`) */
export function readHeard(name: string, raw: unknown): Heard | null {
  if (name === 'packed') {
    const { bytes: message, ...rest } = unpack(raw);
    return { ...rest, message };
  }
  if (!Object.hasOwn(fromRelay, name)) return null;
  const message = readFromRelay(name as keyof FromRelay, raw);
  return { name, message, session: 'session' in message ? message.session : undefined } as Heard;
}
