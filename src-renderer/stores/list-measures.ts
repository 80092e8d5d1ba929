/** CSS pixels. */
export interface ListSize {
  width: number;
  height: number;
}

/**
 * How large message lists were drawn: the next list begins with it, so that its first frame is right without anything
 * being measured for it.
 */
export class ListMeasures {
  /** Of the list that was shown last; a height of 0 until there was one. */
  size: ListSize = { width: 700, height: 0 };
  readonly #heights = new Map<string, { width: number; byMessage: ReadonlyMap<string, number> }>();
  readonly #isKept: (conversationId: string) => boolean;

  /** @param isKept whether messages of the conversation are at hand */
  constructor(isKept: (conversationId: string) => boolean) {
    this.#isKept = isKept;
  }

  /** Heights of a conversation's lines as they were drawn last, by message; none that belong to another width. */
  heightsOf(conversationId: string): ReadonlyMap<string, number> | undefined {
    const found = this.#heights.get(conversationId);
    return found?.width === this.size.width ? found.byMessage : undefined;
  }

  /**
   * Notes how large a list was, and the heights of those of its lines that were measured. A list goes only after its
   * conversation was forgotten, of which then nothing is noted: not even ids are kept of what was erased or withdrawn.
   */
  keep(conversationId: string, size: ListSize, heights: ReadonlyMap<string, number>): void {
    this.size = size;
    if (!this.#isKept(conversationId)) return;
    const before = this.#heights.get(conversationId);
    const byMessage = before?.width === size.width ? new Map([...before.byMessage, ...heights]) : new Map(heights);
    this.#heights.set(conversationId, { width: size.width, byMessage });
  }

  forget(conversationId: string): void {
    this.#heights.delete(conversationId);
  }

  clear(): void {
    this.#heights.clear();
  }
}
