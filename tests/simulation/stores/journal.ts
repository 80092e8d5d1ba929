/** How to take back what the present transaction has done so far. */
export class Journal {
  #undo: (() => void)[] = [];

  get isEmpty(): boolean {
    return this.#undo.length === 0;
  }

  record(undo: () => void): void {
    this.#undo.push(undo);
  }

  commit(): void {
    if (this.#undo.length > 0) this.#undo = [];
  }

  rollBack(): void {
    for (const undo of this.#undo.reverse()) undo();
    this.#undo = [];
  }
}

/** A map whose changes can be taken back. Values are replaced, never changed. */
export class JournaledMap<Key, Value> {
  readonly #journal: Journal;
  readonly #entries: Map<Key, Value>;

  constructor(journal: Journal, entries: Iterable<readonly [Key, Value]> = []) {
    this.#journal = journal;
    this.#entries = new Map(entries);
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  has(key: Key): boolean {
    return this.#entries.has(key);
  }

  set(key: Key, value: Value): void {
    const entries = this.#entries;
    const before = entries.get(key);
    const had = before !== undefined || entries.has(key);
    entries.set(key, value);
    this.#journal.record(had ? () => entries.set(key, before as Value) : () => entries.delete(key));
  }

  delete(key: Key): boolean {
    const entries = this.#entries;
    if (!entries.has(key)) return false;
    const before = entries.get(key) as Value;
    entries.delete(key);
    this.#journal.record(() => entries.set(key, before));
    return true;
  }

  values(): IterableIterator<Value> {
    return this.#entries.values();
  }

  entries(): IterableIterator<[Key, Value]> {
    return this.#entries.entries();
  }

  copy(journal: Journal): JournaledMap<Key, Value> {
    return new JournaledMap(journal, this.#entries);
  }
}

/** A list that grows at its end and is shortened at its beginning; both can be taken back. */
export class JournaledList<Value> {
  readonly #journal: Journal;
  readonly #values: Value[];

  constructor(journal: Journal, values: readonly Value[] = []) {
    this.#journal = journal;
    this.#values = [...values];
  }

  get length(): number {
    return this.#values.length;
  }

  at(index: number): Value | undefined {
    return this.#values.at(index);
  }

  slice(from: number, to: number): Value[] {
    return this.#values.slice(from, to);
  }

  push(value: Value): void {
    const values = this.#values;
    values.push(value);
    this.#journal.record(() => values.pop());
  }

  replace(index: number, value: Value): void {
    const values = this.#values;
    const before = values[index]!;
    values[index] = value;
    this.#journal.record(() => (values[index] = before));
  }

  shift(): void {
    const values = this.#values;
    if (values.length === 0) return;
    const before = values.shift()!;
    this.#journal.record(() => values.unshift(before));
  }

  copy(journal: Journal): JournaledList<Value> {
    return new JournaledList(journal, this.#values);
  }
}
