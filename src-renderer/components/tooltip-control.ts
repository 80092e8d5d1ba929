/** How long the pointer rests before a tooltip opens; within the second time after another one it opens at once. */
const DELAY_MS = 350;
const NEXT_MS = 200;
/** Long enough to move the pointer from the sign to its words, which may be read with a magnifier. */
const LEAVE_MS = 120;

/** What all tooltips of a window know of each other: one is open at a time. */
export class TooltipGroup {
  #open: TooltipControl | null = null;
  #closedAt = -Infinity;

  isNext(): boolean {
    return this.#open !== null || performance.now() - this.#closedAt < NEXT_MS;
  }

  opens(control: TooltipControl): void {
    if (this.#open !== control) this.#open?.close();
    this.#open = control;
  }

  closes(control: TooltipControl): void {
    if (this.#open !== control) return;
    this.#open = null;
    this.#closedAt = performance.now();
  }
}

/** When one tooltip is there: over an element on which the pointer rests or which the keyboard reached. */
export class TooltipControl {
  readonly #group: TooltipGroup;
  readonly #show: (anchor: Element | null) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param show is told beside which element it is to be shown; null: not any more */
  constructor(group: TooltipGroup, show: (anchor: Element | null) => void) {
    this.#group = group;
    this.#show = show;
  }

  /** The pointer came over the element. */
  readonly enter = (anchor: Element): void => {
    clearTimeout(this.#timer);
    if (this.#group.isNext()) this.open(anchor);
    else this.#timer = setTimeout(() => this.open(anchor), DELAY_MS);
  };

  /** The pointer is over the words: they stay. */
  readonly stay = (): void => clearTimeout(this.#timer);

  readonly leave = (): void => {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.close, LEAVE_MS);
  };

  readonly open = (anchor: Element): void => {
    clearTimeout(this.#timer);
    this.#group.opens(this);
    this.#show(anchor);
  };

  readonly close = (): void => {
    clearTimeout(this.#timer);
    this.#group.closes(this);
    this.#show(null);
  };

  /** Its element goes, and the words with it. */
  readonly end = (): void => {
    clearTimeout(this.#timer);
    this.#group.closes(this);
  };
}
