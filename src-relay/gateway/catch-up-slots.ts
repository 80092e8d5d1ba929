/** Lets only so many catch-ups work at once, first come, first served (SYNC-N1). */
export class CatchUpSlots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** @returns the slot's release, at once if there is a slot */
  acquire(): (() => void) | Promise<() => void> {
    if (this.#free === 0) {
      return new Promise((resolve) => this.#waiting.push(() => resolve(this.#makeRelease())));
    }
    this.#free -= 1;
    return this.#makeRelease();
  }

  #makeRelease(): () => void {
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    };
  }
}
