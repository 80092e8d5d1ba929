import type { FromCoreFrame, Port, ToCoreFrame } from '../../shared/core-api/port.ts';

/** A request to the host on the same pipe; its reply is an ordinary reply frame with the same id. */
export interface HostRequestFrame {
  id: number;
  host: string;
  input: unknown;
}

/**
 * The window's end of the pipe. Ids of core and host requests come from one counter, so a reply is never ambiguous;
 * pushes of the host use the push frame under the names of `hostPushes`.
 */
export type ConsolePort = Port<ToCoreFrame | HostRequestFrame, FromCoreFrame>;

/** Opens a pipe. @throws when the other side cannot be reached now */
export type OpenPort = () => Promise<ConsolePort>;
