/** Waits that can be cut short: by `wake`, when trying again makes sense at once, or for good by `end`. */
export class Patience {
  readonly #sleepers = new Set<() => void>();
  #hasEnded = false;

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  async wait(delayMs: number): Promise<void> {
    if (this.#hasEnded) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, delayMs);
      this.#sleepers.add(wake);
    });
  }

  wake(): void {
    for (const wake of [...this.#sleepers]) wake();
  }

  end(): void {
    this.#hasEnded = true;
    this.wake();
  }
}
