/** Runs tasks of one lane one after the other, in the order they came; lanes do not wait for each other. */
export class SerialLanes {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** A failure of `task` is its caller's; the next task of the lane runs all the same. */
  async run<Result>(lane: string, task: () => Promise<Result>): Promise<Result> {
    const before = this.#tails.get(lane) ?? Promise.resolve();
    const running = before.then(task, task);
    const tail = running.catch(() => undefined);
    this.#tails.set(lane, tail);
    void tail.then(() => {
      if (this.#tails.get(lane) === tail) this.#tails.delete(lane);
    });
    return await running;
  }

  /** Resolves when all that was started has ended. */
  async settle(): Promise<void> {
    await Promise.all(this.#tails.values());
  }
}
