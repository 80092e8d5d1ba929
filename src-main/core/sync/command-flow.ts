import { AppError, ERROR_KINDS, type ErrorBody, toErrorBody } from '../../../shared/errors.ts';
import type { Clock } from '../../../shared/primitives/clock.ts';
import type { Command, CommandResult, Submission } from '../../../shared/relay-protocol/commands.ts';
import type { CommandStore, OutboxCommand } from '../outbox/command-store.ts';
import { isQuiet } from '../outbox/quiet-commands.ts';
import type { Uploader } from './uploader.ts';

/** A session through which commands go out. */
export interface CommandSink {
  /** Commands that may be under way at once. */
  lanes: number;
  send(submissions: Submission[], ackedN: number): void;
  /** No answer came in time: the connection is not to be trusted any more (SYNC-O4). */
  fail(reason: string): void;
}

export interface CommandFlowEvents {
  /** These are part of the cache now, or were taken back. */
  onGone(commandIds: string[]): void;
  /** A quiet command was refused for good; it is forgotten when this returns. */
  onDeclined(command: Command): void;
  /** A command was refused for good; it is in the attention list, with those it blocked. */
  onRefused(commandId: string, blocked: string[]): void;
  /** Number or state of unsettled commands changed. */
  onCounts(): void;
}

export interface CommandFlowParts {
  commands: CommandStore;
  uploader: Uploader;
  clock: Clock;
  /** Epoch ms by the relay. */
  relayNow(): number;
  events: CommandFlowEvents;
}

interface Entry {
  outbox: OutboxCommand;
  /** Monotonic; null when an earlier process enqueued it. */
  enqueuedAt: number | null;
  wasOnline: boolean;
  isInFlight: boolean;
  /** The agent is not told of it, and it keeps nothing else from going out. */
  isQuiet: boolean;
  isUploading: boolean;
  /** Monotonic: not tried again before. */
  notBefore: number;
}

const ANSWER_WITHIN_MS = 15_000;
const DELAYED_AFTER_MS = 60_000;
const MAX_BATCH_BYTES = 64 * 1024;
const MAX_BATCH = 64;
const RETRY_MS = 2000;
const LONGEST_RETRY_MS = 60_000;

/**
 * Brings commands to the relay: in order per subject, one under way per subject, some subjects at once (SYNC-O2). A
 * command leaves when the cache contains its facts, or when its refusal lies in the attention list (SYNC-R3, SYNC-R4).
 */
export class CommandFlow {
  readonly #parts: CommandFlowParts;
  readonly #entries = new Map<string, Entry>();
  #sink: CommandSink | null = null;
  #cursor = 0;

  constructor(parts: CommandFlowParts) {
    this.#parts = parts;
    for (const outbox of parts.commands.listOpen()) {
      if (outbox.state !== 'blocked') this.#entries.set(outbox.command.id, entryOf(outbox, null, false));
    }
  }

  /** Commands that the relay has not confirmed. */
  get waitingCount(): number {
    return this.#waiting().length;
  }

  /** When the oldest of them was given, epoch ms by the relay's clock; null when nothing waits. */
  get oldestWaitingAt(): number | null {
    return this.#waiting().reduce<number | null>(
      (oldest, { outbox }) => Math.min(oldest ?? outbox.at, outbox.at),
      null,
    );
  }

  /** A command was written to the outbox. */
  enqueue(outbox: OutboxCommand, isOnline: boolean): void {
    this.#entries.set(outbox.command.id, entryOf(outbox, this.#parts.clock.monotonic(), isOnline));
    this.#parts.events.onCounts();
    this.#pump();
  }

  /** From now on commands go out by this session. */
  start(sink: CommandSink): void {
    this.#sink = sink;
    this.#pump();
  }

  /** The session is over; what had no answer is sent again by the next one. */
  stop(): void {
    this.#sink = null;
    for (const entry of this.#entries.values()) entry.isInFlight = false;
  }

  /** The cache contains everything up to `cursor`. */
  reach(cursor: number): void {
    this.#cursor = cursor;
    const settled = [...this.#entries.values()].filter(
      ({ outbox }) => outbox.state === 'confirmed' && outbox.seq !== null && outbox.seq <= cursor,
    );
    this.#settle(settled);
  }

  receive(results: readonly CommandResult[]): void {
    const confirmed: { entry: Entry; seq: number }[] = [];
    for (const result of results) {
      const entry = this.#entries.get(result.id);
      // The answer to an earlier try may come twice.
      if (entry === undefined || entry.outbox.state === 'confirmed') continue;
      entry.isInFlight = false;
      if (result.ok) confirmed.push({ entry, seq: result.seq });
      else this.#refused(entry, result.error);
    }
    this.#confirm(confirmed);
    this.#parts.events.onCounts();
    this.#pump();
  }

  /** Takes back a command that was never sent, with what waits for it. @throws AppError `conflict` once it was, `not_found` */
  undo(commandId: string): void {
    const entry = this.#entries.get(commandId);
    if (entry === undefined) {
      throw new AppError('not_found', 'There is no such command waiting.', { reason: 'no-such-command' });
    }
    const gone = this.#parts.commands.removeUnsent(commandId);
    if (gone.length === 0) {
      throw new AppError('conflict', 'It was sent already.', { reason: 'already-sent' });
    }
    for (const id of gone) this.#entries.delete(id);
    this.#parts.events.onGone(gone);
    this.#parts.events.onCounts();
    this.#pump();
  }

  /** Nothing is done any more, also when what is under way ends; the outbox file may be closed. */
  close(): void {
    this.stop();
    this.#entries.clear();
  }

  /** The relay may have lost what it had (SYNC-O6): quiet commands that it confirmed are forgotten, to be given again. */
  forgetQuiet(): void {
    const quiet = [...this.#entries.values()].filter((entry) => entry.isQuiet && entry.outbox.state === 'confirmed');
    this.#forget(quiet.map(({ outbox }) => outbox.command.id));
  }

  /** The relay lost them (SYNC-O6); the outbox file knows already. */
  drop(commandIds: readonly string[]): void {
    for (const id of commandIds) this.#entries.delete(id);
    this.#parts.events.onGone([...commandIds]);
    this.#parts.events.onCounts();
  }

  /** What the agent waits for. */
  #waiting(): Entry[] {
    return [...this.#entries.values()].filter(({ outbox, isQuiet: quiet }) => outbox.state !== 'confirmed' && !quiet);
  }

  #pump(): void {
    const sink = this.#sink;
    if (sink === null) return;
    const now = this.#parts.clock.monotonic();
    const taken = new Set<string>();
    let underWay = 0;
    for (const { isInFlight } of this.#entries.values()) underWay += isInFlight ? 1 : 0;
    const ready: Entry[] = [];
    let quietUnderWay = [...this.#entries.values()].some((entry) => entry.isQuiet && entry.isInFlight);
    for (const entry of inOrderOfNeed(this.#entries)) {
      if (entry.outbox.state === 'confirmed') continue;
      const { subjects } = entry.outbox.command;
      const isFree = !subjects.some((subject) => taken.has(subject));
      for (const subject of subjects) taken.add(subject);
      if (!isFree || entry.isInFlight || entry.notBefore > now || this.#waitsForParent(entry)) continue;
      if (entry.isQuiet && quietUnderWay) continue;
      if (!this.#hasFiles(entry)) continue;
      if (underWay + ready.length >= sink.lanes) break;
      quietUnderWay ||= entry.isQuiet;
      ready.push(entry);
    }
    for (const batch of inBatches(ready)) this.#send(sink, batch);
  }

  #send(sink: CommandSink, batch: Entry[]): void {
    const ids = batch.map(({ outbox }) => outbox.command.id);
    try {
      this.#parts.commands.markSent(ids);
    } catch (error) {
      // Nothing goes out that might be taken back here afterwards; and whoever gave a command is not told that it
      // failed, since it is in the outbox.
      for (const entry of batch) this.#tryLater(entry, toErrorBody(error, 'console'));
      return;
    }
    for (const entry of batch) {
      entry.isInFlight = true;
      entry.outbox = { ...entry.outbox, state: 'sent', attempts: entry.outbox.attempts + 1 };
    }
    this.#parts.events.onCounts();
    sink.send(
      batch.map((entry) => ({ command: entry.outbox.command, isDelayed: this.#isDelayed(entry) })),
      this.#parts.commands.ackedN(),
    );
    this.#parts.clock.after(ANSWER_WITHIN_MS, () => {
      if (
        this.#sink === sink &&
        batch.some(({ isInFlight, outbox }) => isInFlight && this.#entries.has(outbox.command.id))
      )
        sink.fail('no-answer');
    });
  }

  /**
   * Given in an earlier process, while not at the head, or more than a minute ago: by a clock that cannot be set, or by
   * the relay's, since the first stands still while the machine sleeps.
   */
  #isDelayed({ enqueuedAt, wasOnline, outbox }: Entry): boolean {
    const { clock, relayNow } = this.#parts;
    if (enqueuedAt === null || !wasOnline) return true;
    return clock.monotonic() - enqueuedAt > DELAYED_AFTER_MS || relayNow() - outbox.at > DELAYED_AFTER_MS;
  }

  #waitsForParent({ outbox }: Entry): boolean {
    const parent = outbox.command.after === null ? undefined : this.#entries.get(outbox.command.after);
    return parent !== undefined && parent.outbox.state !== 'confirmed';
  }

  #hasFiles(entry: Entry): boolean {
    const missing = entry.outbox.fileIds.filter((fileId) => !this.#parts.uploader.isReady(fileId));
    if (missing.length > 0 && !entry.isUploading) void this.#upload(entry, missing);
    return missing.length === 0;
  }

  async #upload(entry: Entry, fileIds: readonly string[]): Promise<void> {
    entry.isUploading = true;
    try {
      for (const fileId of fileIds) await this.#parts.uploader.upload(fileId);
    } catch (error) {
      // Taken back meanwhile, or the outbox file is closed.
      if (this.#entries.get(entry.outbox.command.id) !== entry) return;
      const body = toErrorBody(error, 'console');
      // A fault of this device, such as a full disk, passes or is mended, and so does whatever else answered at the
      // relay's address: only a final answer of the relay is one.
      const isAnswer = error instanceof AppError && error.details.reason !== 'not-a-relay';
      if (!isAnswer || body.retryable || body.kind === 'unauthenticated') this.#tryLater(entry, body);
      else this.#refusedUnlessDiskFull(entry, body);
    } finally {
      entry.isUploading = false;
    }
    this.#pump();
  }

  /** A full disk takes no refusal either: the relay says the same when it is asked again. */
  #refusedUnlessDiskFull(entry: Entry, error: ErrorBody): void {
    try {
      this.#refused(entry, error);
    } catch (cause) {
      this.#tryLater(entry, toErrorBody(cause, 'console'));
    }
  }

  #refused(entry: Entry, error: ErrorBody): void {
    const { outbox } = entry;
    if (ERROR_KINDS[error.kind] === 'retry') {
      if (error.kind !== 'blob_missing' || this.#mayUploadAgain(outbox, error)) {
        this.#tryLater(entry, error);
        return;
      }
    }
    if (entry.isQuiet) {
      this.#parts.events.onDeclined(outbox.command);
      this.#forget([outbox.command.id]);
      return;
    }
    const blocked = this.#parts.commands.refuse(outbox.command.id, error, this.#parts.relayNow());
    for (const id of [outbox.command.id, ...blocked]) this.#entries.delete(id);
    this.#parts.events.onRefused(outbox.command.id, blocked);
  }

  /** The relay lacks a file, and names one, but may lack each of them. False where this device has it neither. */
  #mayUploadAgain({ fileIds }: OutboxCommand, { params }: ErrorBody): boolean {
    const again = fileIds.filter((fileId) => this.#parts.uploader.mustUploadAgain(fileId));
    const lacking = params?.['fileId'];
    return typeof lacking === 'string' ? again.includes(lacking) : again.length > 0;
  }

  #tryLater(entry: Entry, error: ErrorBody): void {
    const { clock } = this.#parts;
    const waitMs = error.retryAfterMs ?? Math.min(LONGEST_RETRY_MS, RETRY_MS * 2 ** Math.min(5, entry.outbox.attempts));
    const notBefore = clock.monotonic() + waitMs;
    entry.notBefore = notBefore;
    clock.after(waitMs, () => {
      // A timer may run a fraction of a millisecond early by the monotonic clock, and nothing would look again.
      if (entry.notBefore === notBefore) entry.notBefore = 0;
      this.#pump();
    });
  }

  #confirm(confirmed: readonly { entry: Entry; seq: number }[]): void {
    if (confirmed.length === 0) return;
    this.#parts.commands.confirm(confirmed.map(({ entry, seq }) => ({ id: entry.outbox.command.id, seq })));
    for (const { entry, seq } of confirmed) entry.outbox = { ...entry.outbox, state: 'confirmed', seq };
    this.#settle(confirmed.filter(({ seq }) => seq <= this.#cursor).map(({ entry }) => entry));
  }

  #forget(ids: string[]): void {
    this.#parts.commands.forget(ids);
    for (const id of ids) this.#entries.delete(id);
    this.#parts.events.onGone(ids);
  }

  #settle(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    const ids = entries.map(({ outbox }) => outbox.command.id);
    const idsOf = (some: readonly Entry[]) => some.map(({ outbox }) => outbox.command.id);
    const quiet = idsOf(entries.filter((entry) => entry.isQuiet));
    if (quiet.length < ids.length) {
      this.#parts.commands.settle(idsOf(entries.filter((entry) => !entry.isQuiet)), this.#parts.relayNow());
    }
    if (quiet.length > 0) this.#parts.commands.forget(quiet);
    for (const id of ids) this.#entries.delete(id);
    this.#parts.events.onGone(ids);
    this.#parts.events.onCounts();
  }
}

function entryOf(outbox: OutboxCommand, enqueuedAt: number | null, wasOnline: boolean): Entry {
  return {
    outbox,
    enqueuedAt,
    wasOnline,
    isQuiet: isQuiet(outbox.command),
    isInFlight: false,
    isUploading: false,
    notBefore: 0,
  };
}

/** What the agent waits for goes first; the rest one by one behind it. */
function inOrderOfNeed(entries: ReadonlyMap<string, Entry>): Entry[] {
  const all = [...entries.values()];
  return [...all.filter((entry) => !entry.isQuiet), ...all.filter((entry) => entry.isQuiet)];
}

function inBatches(entries: readonly Entry[]): Entry[][] {
  // As a rule there is one, which nobody has to measure.
  if (entries.length < 2) return entries.length === 0 ? [] : [[...entries]];
  const batches: Entry[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = JSON.stringify(entry.outbox.command).length;
    const batch = batches.at(-1);
    if (batch === undefined || batch.length >= MAX_BATCH || bytes + size > MAX_BATCH_BYTES) {
      batches.push([entry]);
      bytes = size;
    } else {
      batch.push(entry);
      bytes += size;
    }
  }
  return batches;
}
