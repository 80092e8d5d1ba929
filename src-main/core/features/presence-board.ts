import type { Ephemeral } from '../../../shared/domain/presence/ephemeral.ts';
import type { Clock } from '../../../shared/primitives/clock.ts';

type Presence = Extract<Ephemeral, { kind: 'presence' }>['status'];

const TYPING_MS = 6000;
const VIEWING_MS = 45_000;
/** Often enough that one lost message does not end it. */
const REPEAT_VIEWING_MS = 15_000;

export interface PresenceParts {
  agentId: string;
  clock: Clock;
  send(ephemeral: Ephemeral): void;
}

/** Who is here, types, and looks at what, for as long as it is true (SYNC-E1). Nothing of it is stored. */
export class PresenceBoard {
  readonly #parts: PresenceParts;
  readonly #heard = new Map<string, { ephemeral: Ephemeral; until: number }>();
  readonly #statuses = new Map<string, Presence>();
  /** Conversations that views of this console have open, with how many. */
  readonly #viewed = new Map<string, number>();
  #own: 'available' | 'away' = 'available';
  #cancelRepeat: (() => void) | null = null;

  constructor(parts: PresenceParts) {
    this.#parts = parts;
  }

  /** Something the relay passed on. */
  hear(ephemeral: Ephemeral): void {
    const now = this.#parts.clock.monotonic();
    switch (ephemeral.kind) {
      case 'typing': {
        const key = `typing/${ephemeral.conversationId}/${ephemeral.by.kind}/${ephemeral.by.id}`;
        if (ephemeral.isTyping) this.#heard.set(key, { ephemeral, until: now + TYPING_MS });
        else this.#heard.delete(key);
        return;
      }
      case 'viewing': {
        const key = `viewing/${ephemeral.conversationId}/${ephemeral.agentId}`;
        if (ephemeral.isViewing) this.#heard.set(key, { ephemeral, until: now + VIEWING_MS });
        else this.#heard.delete(key);
        return;
      }
      case 'presence':
        this.#statuses.set(ephemeral.agentId, ephemeral.status);
    }
  }

  /** Who types and who looks at a conversation now. */
  list(conversationId: string): Ephemeral[] {
    const now = this.#parts.clock.monotonic();
    for (const [key, { until }] of this.#heard) if (until <= now) this.#heard.delete(key);
    return [...this.#heard.values()]
      .map(({ ephemeral }) => ephemeral)
      .filter((ephemeral) => 'conversationId' in ephemeral && ephemeral.conversationId === conversationId);
  }

  statusOf(agentId: string): Presence {
    return this.#statuses.get(agentId) ?? 'offline';
  }

  /** Who went meanwhile is in no list that the relay sends: nobody is here until it says so again. */
  forgetOthers(): void {
    const { agentId } = this.#parts;
    const own = this.#statuses.get(agentId);
    this.#statuses.clear();
    if (own !== undefined) this.#statuses.set(agentId, own);
  }

  setOwn(status: 'available' | 'away'): void {
    this.#own = status;
    this.#sayOwn();
  }

  /** The relay has to be told again after each connection. */
  sayAgain(): void {
    this.#sayOwn();
    for (const conversationId of this.#viewed.keys()) this.#sayViewing(conversationId, true);
  }

  setTyping(conversationId: string, isTyping: boolean, isNote: boolean): void {
    const by = { kind: 'agent', id: this.#parts.agentId } as const;
    this.#parts.send({ kind: 'typing', conversationId, by, isTyping, isNote });
  }

  /** A view opened or closed a conversation; several views may have the same one open. */
  setViewing(conversationId: string, isViewing: boolean): void {
    const before = this.#viewed.get(conversationId) ?? 0;
    const after = Math.max(0, before + (isViewing ? 1 : -1));
    if (after === 0) this.#viewed.delete(conversationId);
    else this.#viewed.set(conversationId, after);
    if ((before === 0) !== (after === 0)) this.#sayViewing(conversationId, after > 0);
    this.#repeat();
  }

  close(): void {
    this.#cancelRepeat?.();
    this.#viewed.clear();
  }

  #sayOwn(): void {
    this.#statuses.set(this.#parts.agentId, this.#own);
    this.#parts.send({ kind: 'presence', agentId: this.#parts.agentId, status: this.#own });
  }

  #sayViewing(conversationId: string, isViewing: boolean): void {
    this.#parts.send({ kind: 'viewing', conversationId, agentId: this.#parts.agentId, isViewing });
  }

  #repeat(): void {
    if (this.#cancelRepeat !== null || this.#viewed.size === 0) return;
    this.#cancelRepeat = this.#parts.clock.after(REPEAT_VIEWING_MS, () => {
      this.#cancelRepeat = null;
      for (const conversationId of this.#viewed.keys()) this.#sayViewing(conversationId, true);
      this.#repeat();
    });
  }
}
