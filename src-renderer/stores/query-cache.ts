import type { CoreClient } from '../core-client/core-client.ts';
import type { CoreInput, CoreOutput, CoreRequestName } from '../../shared/core-api/requests.ts';
import { AppError, type ErrorKind } from '../../shared/errors.ts';
import type { Clock } from '../../shared/primitives/clock.ts';
import type { ScheduleFrame } from './frame-schedule.ts';
import { createThrottle } from './throttle.ts';

export interface QueryState<Name extends CoreRequestName = CoreRequestName> {
  /** The last good answer, kept while a newer one is being read. */
  data: CoreOutput<Name> | undefined;
  error: AppError | null;
  /** Nothing is known yet. */
  isReading: boolean;
}

interface Entry {
  name: CoreRequestName;
  input: unknown;
  subjects: readonly string[];
  state: QueryState;
  isStale: boolean;
  listeners: Set<() => void>;
}

/** What cannot be seen any more, in whatever way. */
export const LOST: ReadonlySet<ErrorKind> = new Set(['not_found', 'forbidden', 'gone']);
const UNREAD: QueryState = { data: undefined, error: null, isReading: true };
/**
 * What sums up all subjects of a kind (counters) changes with every message anywhere; while a catch-up pours in it is
 * read this often at most.
 */
const SUMMARY_MS = 150;
/** Answers that nobody shows are kept up to this number, so that going back to a tab shows it at once. */
const MAX_IDLE_ENTRIES = 300;

/**
 * Answers of the core, kept by request and input. A `changed` push makes those that name one of its subjects stale;
 * what is on screen is read again once per frame, the rest when it is shown the next time.
 */
export class QueryCache {
  readonly #core: CoreClient;
  readonly #scheduleFrame: ScheduleFrame;
  readonly #readSummaries: () => void;
  readonly #entries = new Map<string, Entry>();
  #isScheduled = false;

  constructor(core: CoreClient, clock: Clock, scheduleFrame: ScheduleFrame) {
    this.#core = core;
    this.#scheduleFrame = scheduleFrame;
    this.#readSummaries = createThrottle(clock, SUMMARY_MS, () => this.#readStale((entry) => isSummary(entry)));
  }

  /** Begins to follow the core's pushes. @returns its own undo */
  start(): () => void {
    const stops = [
      this.#core.onPush('changed', ({ subjects }) => this.invalidate(subjects)),
      this.#core.onPush('outbox', () => this.invalidate(['outbox:'])),
      this.#core.onLink((link) => {
        if (link === 'up') this.invalidateAll();
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }

  /**
   * Shows an answer: reads it when it is not there or stale, and again when one of `subjects` changes.
   * @param subjects `kind:id`, or `kind:*` for all of a kind
   * @returns its own undo
   */
  observe<Name extends CoreRequestName>(
    name: Name,
    input: CoreInput<Name>,
    subjects: readonly string[],
    listener: () => void,
  ): () => void {
    const key = keyOf(name, input);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { name, input, subjects, state: UNREAD, isStale: true, listeners: new Set() };
    } else {
      // Put last again: the map's order is that of use, and the idle ones in front go first.
      this.#entries.delete(key);
      entry.subjects = subjects;
    }
    this.#entries.set(key, entry);
    entry.listeners.add(listener);
    if (entry.isStale) void this.#read(entry);
    return () => {
      entry.listeners.delete(listener);
      this.#dropIdle();
    };
  }

  state<Name extends CoreRequestName>(name: Name, input: CoreInput<Name>): QueryState<Name> {
    return (this.#entries.get(keyOf(name, input))?.state ?? UNREAD) as QueryState<Name>;
  }

  /** `*` among the subjects means that everything may be different (the core exchanged its whole cache). */
  invalidate(subjects: readonly string[]): void {
    if (subjects.includes('*')) return this.invalidateAll();
    const exact = new Set(subjects);
    const kinds = new Set(subjects.map((subject) => `${subject.slice(0, subject.indexOf(':'))}:*`));
    this.#makeStale((entry) => entry.subjects.some((subject) => exact.has(subject) || kinds.has(subject)));
  }

  invalidateAll(): void {
    this.#makeStale(() => true);
  }

  /** Forgets everything (another agent signs in). */
  clear(): void {
    // A copy: a listener that shows its answer anew moves it to the end of the map, and a walk over the map itself
    // would meet it there again, and again.
    for (const [key, entry] of [...this.#entries]) {
      if (entry.listeners.size === 0) this.#entries.delete(key);
      else this.#update(entry, UNREAD);
    }
    this.invalidateAll();
  }

  #makeStale(isTouched: (entry: Entry) => boolean): void {
    for (const entry of this.#entries.values()) if (isTouched(entry)) entry.isStale = true;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#scheduleFrame(() => {
      this.#isScheduled = false;
      this.#readStale((entry) => !isSummary(entry));
      this.#readSummaries();
    });
  }

  #readStale(isMeant: (entry: Entry) => boolean): void {
    for (const entry of [...this.#entries.values()]) {
      if (entry.isStale && entry.listeners.size > 0 && isMeant(entry)) void this.#read(entry);
    }
  }

  async #read(entry: Entry): Promise<void> {
    entry.isStale = false;
    try {
      const output = await this.#core.request(entry.name, entry.input as never);
      // Changed while it was read: a newer reading is under way and will say so.
      if (entry.isStale) return;
      const { data, error } = entry.state;
      const isSame = data !== undefined && isEqual(data, output);
      if (isSame && error === null) return;
      this.#update(entry, { data: isSame ? data : output, error: null, isReading: false });
    } catch (error) {
      const failure = error instanceof AppError ? error : new AppError('internal', String(error), { cause: error });
      // What this agent may not see any more is not shown any longer; what could not be read for once stays.
      const data = LOST.has(failure.kind) ? undefined : entry.state.data;
      this.#update(entry, { data, error: failure, isReading: false });
    }
  }

  #update(entry: Entry, state: QueryState): void {
    entry.state = state;
    for (const listener of [...entry.listeners]) listener();
  }

  #dropIdle(): void {
    if (this.#entries.size <= MAX_IDLE_ENTRIES) return;
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= MAX_IDLE_ENTRIES) return;
      if (entry.listeners.size === 0) this.#entries.delete(key);
    }
  }
}

function isSummary(entry: Entry): boolean {
  return entry.subjects.every((subject) => subject.endsWith(':*'));
}

function keyOf(name: string, input: unknown): string {
  return `${name} ${JSON.stringify(input)}`;
}

/** Whether two answers of the core (plain JSON, fields in a fixed order) say the same. */
export function isEqual(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
