import type { CoreEphemerals } from '../../shared/core-api/pushes.ts';
import type { PresenceBoard } from './features/presence-board.ts';

/** What one window has open, as others are told of it: it ends with the window, and with the sign-in. */
export class ShownInWindow {
  readonly #board: () => PresenceBoard | undefined;
  /** Of the account that was told of `#viewed`. */
  #told: PresenceBoard | undefined;
  readonly #viewed = new Set<string>();

  /** @param board of who is signed in now */
  constructor(board: () => PresenceBoard | undefined) {
    this.#board = board;
  }

  hear<Name extends keyof CoreEphemerals>(name: Name, payload: CoreEphemerals[Name]): void {
    const board = this.#current();
    if (board === undefined) return;
    if (name === 'typing') {
      const { conversationId, isTyping, isNote } = payload as CoreEphemerals['typing'];
      board.setTyping(conversationId, isTyping, isNote);
    } else if (name === 'viewing') {
      const { conversationId, isViewing } = payload as CoreEphemerals['viewing'];
      if (this.#viewed.has(conversationId) === isViewing) return;
      if (isViewing) this.#viewed.add(conversationId);
      else this.#viewed.delete(conversationId);
      board.setViewing(conversationId, isViewing);
    }
  }

  close(): void {
    const board = this.#current();
    for (const conversationId of this.#viewed) board?.setViewing(conversationId, false);
    this.#viewed.clear();
  }

  /** Who signs in next was told nothing yet. */
  #current(): PresenceBoard | undefined {
    const board = this.#board();
    if (board !== this.#told) this.#viewed.clear();
    this.#told = board;
    return board;
  }
}
