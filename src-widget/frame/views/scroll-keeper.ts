const NEAR_PX = 60;

/**
 * Keeps a list of messages where its reader is: at the end while they are at the end, and on the same message while
 * older ones come in above it.
 */
export class ScrollKeeper {
  readonly #onEndChange: (isAtEnd: boolean) => void;
  #list: HTMLElement | null = null;
  #isAtEnd = true;
  #firstSeq = 0;
  #height = 0;

  constructor(onEndChange: (isAtEnd: boolean) => void) {
    this.#onEndChange = onEndChange;
  }

  /** Whether the reader is near the beginning of what is loaded. */
  get isAtStart(): boolean {
    return this.#list !== null && this.#list.scrollTop < NEAR_PX;
  }

  /** Follows `list`, whose only child holds the messages. @returns its own undo */
  attach(list: HTMLElement): () => void {
    this.#list = list;
    // Images grow after they are placed, and the composer takes room from the list.
    const observer = new ResizeObserver(() => this.#stayAtEnd());
    observer.observe(list);
    if (list.firstElementChild) observer.observe(list.firstElementChild);
    return () => observer.disconnect();
  }

  /** To be called whenever the list was drawn. @param firstSeq of the oldest message in it */
  settle(firstSeq: number): void {
    const list = this.#list;
    if (list === null) return;
    const isPrepended = this.#firstSeq > firstSeq && firstSeq > 0;
    if (this.#isAtEnd) this.#stayAtEnd();
    else if (isPrepended) list.scrollTop += list.scrollHeight - this.#height;
    this.#firstSeq = firstSeq;
    this.#height = list.scrollHeight;
  }

  noteScroll(): void {
    const list = this.#list;
    if (list !== null) this.#setAtEnd(list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_PX);
  }

  toEnd(): void {
    this.#setAtEnd(true);
    this.#stayAtEnd();
  }

  #stayAtEnd(): void {
    if (this.#isAtEnd && this.#list !== null) this.#list.scrollTop = this.#list.scrollHeight;
  }

  #setAtEnd(isAtEnd: boolean): void {
    if (this.#isAtEnd === isAtEnd) return;
    this.#isAtEnd = isAtEnd;
    this.#onEndChange(isAtEnd);
  }
}
