import { createStore, type StoreApi } from 'zustand/vanilla';
import type { CoreLink } from '../core-client/core-client.ts';
import type { SyncStatus } from '../../shared/core-api/views.ts';

export interface SyncState {
  /** Null until the core said how things stand: nothing is claimed before. */
  status: SyncStatus | null;
  /** Whether the window reaches its own core; when not, `status` is out of date and must not be shown as true. */
  link: CoreLink;
  /** A try has failed since the relay was reached last: the next one is no reason to say anything else. */
  hasFailed: boolean;
}

export type SyncStore = StoreApi<SyncState>;

export function createSyncStore(): SyncStore {
  return createStore<SyncState>(() => ({ status: null, link: 'connecting', hasFailed: false }));
}

/** Takes over what the core says of the connection. */
export function noteStatus(sync: SyncStore, status: SyncStatus): void {
  sync.setState((before) => ({
    status,
    hasFailed: status.state === 'offline' || (status.state === 'connecting' && before.hasFailed),
  }));
}
