import type { Clock } from '../../shared/primitives/clock.ts';

/** Sums of fractions of milliseconds are not exact. */
const ROUNDING_MS = 0.001;
const SETTLED = Promise.resolve();

interface Task {
  dueAt: number;
  /** Decides between tasks of the same time: the one that was made first. */
  order: number;
  isCancelled: boolean;
  run(): void;
}

/** Lets everything happen that needs no time: returns when no promise of this thread has anything left to do. */
export function quiet(): Promise<void> {
  // A tick's turn comes when the queue of promises is empty, and it comes a hundred times sooner than a timer's.
  return new Promise((resolve) => process.nextTick(resolve));
}

/** The one time of a simulated world, in ms since its beginning. Machines see it through clocks of their own. */
export class SimTime {
  #elapsed = 0;
  #made = 0;
  /** A heap by time, then by order. */
  readonly #tasks: Task[] = [];

  get elapsed(): number {
    return this.#elapsed;
  }

  get waiting(): number {
    return this.#tasks.length;
  }

  /** Runs `run` at a time that is not before now. @returns its own cancel */
  at(dueAt: number, run: () => void): () => void {
    const task: Task = { dueAt, order: 0, isCancelled: false, run };
    this.add(task);
    return () => {
      task.isCancelled = true;
    };
  }

  /** As `at`, for a task that was made already; its `order` is given here. */
  add(task: Task): void {
    this.#made += 1;
    task.order = this.#made;
    task.dueAt = Math.max(task.dueAt, this.#elapsed);
    this.#push(task);
  }

  after(delayMs: number, run: () => void): () => void {
    return this.at(this.#elapsed + delayMs, run);
  }

  /** Lets `ms` pass, with all that becomes due; between two tasks every promise gets its turn. */
  pass(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    return new Promise((resolve, reject) => {
      const goOn = (): void => {
        try {
          if (this.#runNext(end)) process.nextTick(afterTick);
          else {
            this.#elapsed = end;
            resolve();
          }
        } catch (error) {
          reject(error as Error);
        }
      };
      // As `await quiet()`, of which there are thousands in a seed, with half the garbage: ticks that are made within one
      // come before what promises have to do, so that it goes on in a promise's turn.
      const afterTick = (): void => void SETTLED.then(goOn);
      process.nextTick(afterTick);
    });
  }

  /** @returns false when nothing is due until `end` */
  #runNext(end: number): boolean {
    for (;;) {
      const next = this.#tasks[0];
      if (next === undefined || next.dueAt > end) return false;
      this.#pop();
      if (next.isCancelled) continue;
      this.#elapsed = next.dueAt;
      next.run();
      return true;
    }
  }

  /** Lets time pass until `isDone`, at most `withinMs`. @returns whether it was done by then */
  async until(isDone: () => boolean, withinMs: number, stepMs: number): Promise<boolean> {
    const end = this.#elapsed + withinMs;
    while (!isDone()) {
      if (this.#elapsed >= end) return false;
      await this.pass(Math.min(stepMs, end - this.#elapsed));
    }
    return true;
  }

  #push(task: Task): void {
    const tasks = this.#tasks;
    let index = tasks.length;
    tasks.push(task);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(task, tasks[parent]!)) break;
      tasks[index] = tasks[parent]!;
      index = parent;
    }
    tasks[index] = task;
  }

  #pop(): void {
    const tasks = this.#tasks;
    const last = tasks.pop()!;
    if (tasks.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= tasks.length) break;
      if (child + 1 < tasks.length && isBefore(tasks[child + 1]!, tasks[child]!)) child += 1;
      if (!isBefore(tasks[child]!, last)) break;
      tasks[index] = tasks[child]!;
      index = child;
    }
    tasks[index] = last;
  }
}

function isBefore(one: Task, other: Task): boolean {
  return one.dueAt < other.dueAt || (one.dueAt === other.dueAt && one.order < other.order);
}

/** A machine: its wall clock may be wrong and jump, it may sleep (its timers with it) or stall (its timers come late). */
export class Machine {
  readonly #time: SimTime;
  #wallOffset: number;
  /** Time slept so far, without the sleep that lasts. */
  #sleptMs = 0;
  #sleepsSince: number | null = null;
  #stalledUntil = 0;
  /** What became due while it slept, in order. */
  #held: (() => void)[] = [];

  /** @param startAt epoch ms that its wall clock shows at the beginning */
  constructor(time: SimTime, startAt: number) {
    this.#time = time;
    this.#wallOffset = startAt;
  }

  get isAsleep(): boolean {
    return this.#sleepsSince !== null;
  }

  get isStalled(): boolean {
    return this.#time.elapsed < this.#stalledUntil;
  }

  now(): number {
    return Math.floor(this.#wallOffset + this.#time.elapsed);
  }

  /** Stands still while the machine sleeps. */
  monotonic(): number {
    return (this.#sleepsSince ?? this.#time.elapsed) - this.#sleptMs;
  }

  jump(byMs: number): void {
    this.#wallOffset += byMs;
  }

  sleep(): void {
    this.#sleepsSince ??= this.#time.elapsed;
  }

  wake(): void {
    if (this.#sleepsSince === null) return;
    this.#sleptMs += this.#time.elapsed - this.#sleepsSince;
    this.#sleepsSince = null;
    const held = this.#held;
    this.#held = [];
    for (const task of held) this.#time.after(0, task);
  }

  /** Does nothing for a while, whatever comes; its clocks go on. */
  stall(ms: number): void {
    this.#stalledUntil = Math.max(this.#stalledUntil, this.#time.elapsed + ms);
  }

  /** Runs what reached the machine, as soon as it can: now, after its stall, or when it wakes. */
  reach(task: () => void): void {
    if (this.isAsleep) this.#held.push(task);
    else if (this.isStalled) this.#time.at(this.#stalledUntil, () => this.reach(task));
    else task();
  }

  /** A clock for a process on this machine, whose timers die with it. */
  startProcess(): SimProcess {
    return new SimProcess(this, this.#time);
  }
}

/** A process: after its end none of its timers runs any more. */
export class SimProcess implements Clock {
  readonly #machine: Machine;
  readonly #time: SimTime;
  isAlive = true;
  /** What is thrown where nobody catches it ends a real process. */
  onUncaught: (error: unknown) => void = (error) => {
    throw error;
  };

  constructor(machine: Machine, time: SimTime) {
    this.#machine = machine;
    this.#time = time;
  }

  now(): number {
    return this.#machine.now();
  }

  monotonic(): number {
    return this.#machine.monotonic();
  }

  after(delayMs: number, task: () => void): () => void {
    if (!this.isAlive) return () => undefined;
    const timer = new Timer(this, this.#machine, this.#time, Math.max(0, delayMs), task);
    return () => {
      timer.isCancelled = true;
    };
  }

  /** Runs `task` unless the process is dead; what a process gets to see that dies in the middle of it, nobody hears of. */
  run(task: () => void): void {
    if (!this.isAlive) return;
    try {
      task();
    } catch (error) {
      if (this.isAlive) throw error;
    }
  }
}

/** A timer of a process. Thousands are made in a seed, so that each is one object. */
class Timer implements Task {
  dueAt = 0;
  order = 0;
  isCancelled = false;
  readonly #process: SimProcess;
  readonly #machine: Machine;
  readonly #time: SimTime;
  readonly #task: () => void;
  /** By the machine's monotonic clock. */
  readonly #due: number;

  constructor(process: SimProcess, machine: Machine, time: SimTime, delayMs: number, task: () => void) {
    this.#process = process;
    this.#machine = machine;
    this.#time = time;
    this.#task = task;
    this.#due = machine.monotonic() + delayMs;
    this.#wait();
  }

  run(): void {
    const machine = this.#machine;
    if (machine.isAsleep || machine.isStalled) machine.reach(() => this.#ring());
    else this.#ring();
  }

  #wait(): void {
    this.dueAt = this.#time.elapsed + this.#due - this.#machine.monotonic();
    this.#time.add(this);
  }

  #ring(): void {
    if (this.isCancelled) return;
    // It slept in between: as much is left as when it fell asleep.
    if (this.#machine.monotonic() < this.#due - ROUNDING_MS) this.#wait();
    else this.#process.run(this.#task);
  }
}
