import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Ephemeral } from '../core-client/core-client.ts';
import type { Clock } from '../../shared/primitives/clock.ts';

export interface Typing {
  conversationId: string;
  by: { kind: 'agent' | 'customer'; id: string };
  isNote: boolean;
}

export interface PresenceState {
  /** By `conversation|kind|id`. */
  typing: Readonly<Record<string, Typing>>;
  /** By `conversation|agent`. */
  viewing: Readonly<Record<string, { conversationId: string; agentId: string }>>;
  /** Newer than what `agent.list` said. Holds until the next one: the relay itself says who went. */
  availability: Readonly<Record<string, 'available' | 'away' | 'offline'>>;
}

export interface PresenceStore extends StoreApi<PresenceState> {
  receive(ephemeral: Ephemeral): void;
  /** Forgets everything: without a connection nothing of it is known to be true. */
  reset(): void;
}

const TYPING_MS = 6000;
const VIEWING_MS = 45_000;

export function createPresenceStore(clock: Clock): PresenceStore {
  const store = createStore<PresenceState>(() => ({ typing: {}, viewing: {}, availability: {} }));
  const cancels = new Map<string, () => void>();

  const put = <Group extends keyof PresenceState>(
    group: Group,
    key: string,
    value: PresenceState[Group][string] | null,
    lastsMs: number | null,
  ) => {
    const timerKey = `${group}|${key}`;
    cancels.get(timerKey)?.();
    cancels.delete(timerKey);
    store.setState((state) => {
      const { [key]: _, ...rest } = state[group] as Record<string, unknown>;
      return { [group]: value === null ? rest : { ...rest, [key]: value } } as Partial<PresenceState>;
    });
    if (value === null) return;
    if (lastsMs !== null)
      cancels.set(
        timerKey,
        clock.after(lastsMs, () => put(group, key, null, null)),
      );
  };

  return Object.assign(store, {
    receive(ephemeral: Ephemeral) {
      switch (ephemeral.kind) {
        case 'typing': {
          const { conversationId, by, isTyping, isNote } = ephemeral;
          const value = isTyping ? { conversationId, by, isNote } : null;
          put('typing', `${conversationId}|${by.kind}|${by.id}`, value, TYPING_MS);
          return;
        }
        case 'viewing': {
          const { conversationId, agentId, isViewing } = ephemeral;
          put('viewing', `${conversationId}|${agentId}`, isViewing ? { conversationId, agentId } : null, VIEWING_MS);
          return;
        }
        case 'presence':
          put('availability', ephemeral.agentId, ephemeral.status, null);
      }
    },
    reset() {
      for (const cancel of cancels.values()) cancel();
      cancels.clear();
      store.setState({ typing: {}, viewing: {}, availability: {} });
    },
  });
}
