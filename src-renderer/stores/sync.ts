import { createStore, type StoreApi } from 'zustand/vanilla';
import type { CoreLink } from '../core-client/core-client.ts';
import type { SyncStatus } from '../../shared/core-api/views.ts';

export interface SyncState {
  /** Null until the core said how things stand: nothing is claimed before. */
  status: SyncStatus | null;
  /** Whether the window reaches its own core; when not, `status` is out of date and must not be shown as true. */
  link: CoreLink;
}

export type SyncStore = StoreApi<SyncState>;

export function createSyncStore(): SyncStore {
  return createStore<SyncState>(() => ({ status: null, link: 'connecting' }));
}
