/** A list of listeners. `subscribe` returns its own undo, so there are no add/remove pairs to get wrong. */
export class Subscribable<Value> {
  readonly #listeners = new Set<(value: Value) => void>();

  subscribe(listener: (value: Value) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  publish(value: Value): void {
    for (const listener of [...this.#listeners]) listener(value);
  }
}
