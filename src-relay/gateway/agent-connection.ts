import type { ErrorBody } from '../../shared/errors.ts';
import type { SnapshotPage } from '../../shared/relay-protocol/frames.ts';
import type { FromRelay } from '../../shared/relay-protocol/from-relay.ts';
import type { GatheredFrame } from './frame-writer.ts';

/** A frame or page of which the console makes nothing before it has it whole. */
export type Bulk = { name: 'frame'; message: GatheredFrame } | { name: 'page'; message: SnapshotPage };

/** One console's connection, whatever carries it: a socket, or a simulation. */
export interface AgentConnection {
  send<Name extends keyof FromRelay>(name: Name, message: FromRelay[Name]): void;
  /**
   * Sends what is large as bytes, where what carries the connection can do that.
   * @param isPacked whether the line is worth the work (SYNC-S7)
   * @returns bytes that go over the line, nearly
   */
  sendBulk?(bulk: Bulk, isPacked: boolean): number;
  /** Sends unless the connection is busy; for what may be lost. */
  sendVolatile<Name extends keyof FromRelay>(name: Name, message: FromRelay[Name]): void;
  /** Bytes handed over that the other side has not taken yet. */
  backlogBytes(): number;
  /** Says `bye` and ends the connection. */
  end(afterMs: number, error: ErrorBody | null): void;
}
