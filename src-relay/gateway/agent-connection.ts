import type { ErrorBody } from '../../shared/errors.ts';
import type { FromRelay } from '../../shared/relay-protocol/from-relay.ts';

/** One console's connection, whatever carries it: a socket, or a simulation. */
export interface AgentConnection {
  send<Name extends keyof FromRelay>(name: Name, message: FromRelay[Name]): void;
  /**
   * Sends packed, where what carries the connection can do that and it is worth the work (SYNC-S7).
   * @returns bytes that go over the line, nearly
   */
  sendPacked?<Name extends 'frame' | 'page'>(name: Name, message: FromRelay[Name]): number;
  /** Sends unless the connection is busy; for what may be lost. */
  sendVolatile<Name extends keyof FromRelay>(name: Name, message: FromRelay[Name]): void;
  /** Bytes handed over that the other side has not taken yet. */
  backlogBytes(): number;
  /** Says `bye` and ends the connection. */
  end(afterMs: number, error: ErrorBody | null): void;
}
