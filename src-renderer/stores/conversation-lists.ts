import { createStore, type StoreApi } from 'zustand/vanilla';
import type { CoreClient } from '../core-client/core-client.ts';
import type { ConversationFilter } from '../../shared/core-api/requests.ts';
import type { ConversationSummary } from '../../shared/core-api/views.ts';
import { AppError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/primitives/clock.ts';
import { isEqual } from './query-cache.ts';
import { createThrottle } from './throttle.ts';

export const WINDOW_LENGTH = 100;
/** While a catch-up pours in, the list is read again this often at most. */
const READ_AGAIN_MS = 150;
const MAX_LISTS = 12;

export type ListSort = 'newest' | 'waiting-longest';

export interface ListState {
  /** Null until the first window was read. */
  total: number | null;
  /** Ids by window number; windows that were not read yet are missing. */
  windows: ReadonlyMap<number, readonly string[]>;
  error: AppError | null;
}

/** Rows of all lists, by conversation. An unchanged row keeps its identity, so that it is not rendered again. */
export type SummaryStore = StoreApi<Readonly<Record<string, ConversationSummary>>>;

const LIST_KINDS = ['conversation', 'customer', 'agent', 'queue', 'channel', 'draft'];

/** One filtered list that is read in windows, only as far as it is looked at. */
export class ConversationList {
  readonly store: StoreApi<ListState> = createStore<ListState>(() => ({
    total: null,
    windows: new Map(),
    error: null,
  }));
  readonly #core: CoreClient;
  readonly #summaries: SummaryStore;
  readonly #filter: ConversationFilter;
  readonly #sort: ListSort;
  readonly #stale = new Set<number>();
  readonly #reading = new Set<number>();
  #visible: [number, number] = [0, 0];
  #observers = 0;
  readonly #readAgain: () => void;

  constructor(core: CoreClient, clock: Clock, summaries: SummaryStore, filter: ConversationFilter, sort: ListSort) {
    this.#core = core;
    this.#summaries = summaries;
    this.#filter = filter;
    this.#sort = sort;
    this.#readAgain = createThrottle(clock, READ_AGAIN_MS, () => this.#readVisible());
  }

  /** Shows the list: what is stale of the part looked at is read. @returns its own undo */
  observe(): () => void {
    this.#observers += 1;
    this.#readVisible();
    return () => {
      this.#observers -= 1;
    };
  }

  get isObserved(): boolean {
    return this.#observers > 0;
  }

  /** The rows `first` to `last` (inclusive) are looked at. */
  setVisible(first: number, last: number): void {
    this.#visible = [Math.floor(first / WINDOW_LENGTH), Math.floor(Math.max(first, last) / WINDOW_LENGTH)];
    this.#readVisible();
  }

  idAt(index: number): string | null {
    const ids = this.store.getState().windows.get(Math.floor(index / WINDOW_LENGTH));
    return ids?.[index % WINDOW_LENGTH] ?? null;
  }

  /** Where a conversation is, as far as the list was read; -1 where it is not known. */
  indexOf(conversationId: string): number {
    for (const [number, ids] of this.store.getState().windows) {
      const index = ids.indexOf(conversationId);
      if (index !== -1) return number * WINDOW_LENGTH + index;
    }
    return -1;
  }

  /** The ids from `first` to `last` (inclusive, in any order), reading what is missing. @throws AppError of the core */
  async idsBetween(first: number, last: number): Promise<string[]> {
    const [from, to] = [Math.min(first, last), Math.max(first, last)];
    const numbers: number[] = [];
    for (let n = Math.floor(from / WINDOW_LENGTH); n <= Math.floor(to / WINDOW_LENGTH); n += 1) numbers.push(n);
    await Promise.all(numbers.filter((n) => !this.store.getState().windows.has(n)).map((n) => this.#request(n)));
    const ids: string[] = [];
    for (let index = from; index <= to; index += 1) {
      const id = this.idAt(index);
      if (id !== null) ids.push(id);
    }
    return ids;
  }

  invalidate(): void {
    for (const number of this.store.getState().windows.keys()) this.#stale.add(number);
    for (const number of this.#reading) this.#stale.add(number);
    if (this.#observers > 0) this.#readAgain();
  }

  #readVisible(): void {
    if (this.#observers === 0) return;
    const { windows } = this.store.getState();
    for (let number = this.#visible[0]; number <= this.#visible[1]; number += 1) {
      const isWanted = !windows.has(number) || this.#stale.has(number);
      if (isWanted && !this.#reading.has(number)) void this.#read(number);
    }
  }

  async #read(number: number): Promise<void> {
    try {
      await this.#request(number);
    } catch (error) {
      const failure = error instanceof AppError ? error : new AppError('internal', String(error), { cause: error });
      this.store.setState({ error: failure });
    }
  }

  async #request(number: number): Promise<void> {
    this.#reading.add(number);
    this.#stale.delete(number);
    try {
      const { items, total } = await this.#core.request('conversation.list', {
        filter: this.#filter,
        sort: this.#sort,
        offset: number * WINDOW_LENGTH,
        limit: WINDOW_LENGTH,
      });
      keepSummaries(this.#summaries, items);
      const ids = items.map((item) => item.id);
      this.store.setState((state) => {
        const isSame = state.total === total && state.error === null && isEqual(state.windows.get(number), ids);
        if (isSame) return state;
        const windows = new Map([...state.windows].filter(([other]) => other * WINDOW_LENGTH < Math.max(total, 1)));
        windows.set(number, ids);
        return { total, windows, error: null };
      });
    } finally {
      this.#reading.delete(number);
    }
    // Something changed while it was read.
    if (this.#stale.has(number)) this.invalidate();
  }
}

/** The lists of all filters that were looked at lately; the others are forgotten. */
export class ConversationLists {
  readonly summaries: SummaryStore = createStore<Record<string, ConversationSummary>>(() => ({}));
  readonly #core: CoreClient;
  readonly #clock: Clock;
  readonly #lists = new Map<string, ConversationList>();

  constructor(core: CoreClient, clock: Clock) {
    this.#core = core;
    this.#clock = clock;
  }

  /** Begins to follow the core's pushes. @returns its own undo */
  start(): () => void {
    const stops = [
      this.#core.onPush('changed', ({ subjects }) => {
        if (subjects.some(isOfLists)) this.#invalidate();
      }),
      this.#core.onPush('outbox', () => this.#invalidate()),
      this.#core.onLink((link) => {
        if (link === 'up') this.#invalidate();
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }

  list(filter: ConversationFilter, sort: ListSort): ConversationList {
    const key = `${filter.view}|${filter.queueId ?? ''}|${filter.customerId ?? ''}|${sort}`;
    const known = this.#lists.get(key);
    const list = known ?? new ConversationList(this.#core, this.#clock, this.summaries, filter, sort);
    this.#lists.delete(key);
    this.#lists.set(key, list);
    for (const [oldKey, old] of this.#lists) {
      if (this.#lists.size <= MAX_LISTS) break;
      if (!old.isObserved && oldKey !== key) this.#lists.delete(oldKey);
    }
    return list;
  }

  /** Forgets everything (another agent signs in). */
  clear(): void {
    this.#lists.clear();
    this.summaries.setState({}, true);
  }

  #invalidate(): void {
    for (const list of [...this.#lists.values()]) list.invalidate();
  }
}

/** `*` stands for everything. */
function isOfLists(subject: string): boolean {
  return subject === '*' || LIST_KINDS.includes(subject.slice(0, subject.indexOf(':')));
}

function keepSummaries(store: SummaryStore, items: readonly ConversationSummary[]): void {
  const known = store.getState();
  const changed = items.filter((item) => !isEqual(known[item.id], item));
  if (changed.length > 0) store.setState(Object.fromEntries(changed.map((item) => [item.id, item])));
}
