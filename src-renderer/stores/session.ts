import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AgentView } from '../../shared/core-api/views.ts';

export interface SessionState {
  /** `unknown` until the core answered the first time. */
  phase: 'unknown' | 'signed-out' | 'signed-in';
  agent: AgentView | null;
  workspaceName: string | null;
  relayUrl: string | null;
  /** Why the last session ended, a reason code, for the sign-in view; null when the agent signed out. */
  endedReason: string | null;
}

export type SessionStore = StoreApi<SessionState>;

export function createSessionStore(): SessionStore {
  return createStore<SessionState>(() => ({
    phase: 'unknown',
    agent: null,
    workspaceName: null,
    relayUrl: null,
    endedReason: null,
  }));
}
