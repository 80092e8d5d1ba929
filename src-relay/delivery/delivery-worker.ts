import type { Logger } from 'pino';
import type { Message } from '../../shared/domain/conversation/message.ts';
import { subjectRef } from '../../shared/domain/subject/subject-kind.ts';
import { AppError } from '../../shared/errors.ts';
import type { Clock, Random } from '../../shared/primitives/clock.ts';
import type { ChannelAdapter, OutgoingPart, SendResult } from '../channels/channel.ts';
import type { AttemptOutcome, Delivery, Receipt } from '../event-log/delivery-store.ts';
import type { Commit, EventLog } from '../event-log/event-log.ts';
import { reportOutcomes } from './report-outcomes.ts';
import { adapterOf, findPart, keyOf, readPart, sendPart } from './send-part.ts';

/** Calls of channels under way at a time; each is of another conversation. */
const MAX_CALLS = 8;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 5 * 60_000;
/** Whatever a platform asks for: a row that waits for longer was put off by a clock that has been set back since. */
const LONGEST_WAIT_MS = 15 * 60_000;
/** What the platform refused to take for so long has failed: an answer of yesterday is worse than none. */
const GIVE_UP_MS = 24 * 60 * 60_000;
/** A platform's search needs a moment before it knows what was just sent. */
const FIND_AFTER_MS = 10_000;
const MAX_FINDS = 5;
/** How long a receipt is waited for where nothing else can tell (SYNC-X1). */
const RECEIPT_WAIT_MS = 2 * 60_000;
/** Longest sleep, whatever the timetable says: the wall clock may jump. */
const LONGEST_SLEEP_MS = 60_000;
const STORE_RETRY_MS = 2000;
const STOP_WAIT_MS = 5000;

/** What a part becomes when no more is tried: `unknown` where it may have been sent. */
type Lost = 'failed' | 'unknown';

function lostState(mayHaveArrived: boolean): Lost {
  return mayHaveArrived ? 'unknown' : 'failed';
}

interface DeliveryWorkerParts {
  eventLog: EventLog;
  /** By kind of channel. */
  channels: ReadonlyMap<string, ChannelAdapter>;
  clock: Clock;
  random: Random;
  logger: Pick<Logger, 'error' | 'warn'>;
}

export interface DeliveryWorker {
  /** Takes up what the relay was at when it stopped, and then everything that is committed. */
  start(): void;
  /** Looks for work now. Commits wake it by themselves. */
  poke(): void;
  /**
   * Keeps what a platform says became of messages, and tells the log.
   * @throws AppError `retry` when it cannot be kept: the platform has to say it again
   */
  takeReceipt(receipt: Receipt): Promise<void>;
  /**
   * The log turns out to be an older copy of itself, put back without the restore tool (SYNC-L3): what waits, or is
   * being sent, may have been sent in the history that was lost. From now on each channel is asked what it knows first.
   * @throws when the queue cannot be read or written; nothing is doubted then
   */
  doubtQueued(): void;
  /** Begins no more calls, and waits a few seconds for those under way; what does not end is recovered by `start`. */
  stop(): Promise<void>;
}

/** Hands outgoing messages to their channels: at most one send per part, and "not known" made visible (SYNC-X1). */
export function createDeliveryWorker({
  eventLog,
  channels,
  clock,
  random,
  logger,
}: DeliveryWorkerParts): DeliveryWorker {
  const { deliveries } = eventLog;
  const calls = new Set<Promise<void>>();
  /** By message: ends the wait for a receipt, if one has come. */
  const waits = new Map<string, () => void>();
  const timers = new Set<() => void>();
  let isRunning = false;
  let isStopping = false;
  let unsubscribe = (): void => {};
  let cancelSleep = (): void => {};
  let isPumping = false;
  let isPumpWanted = false;
  let isReporting = false;
  let isReportWanted = false;
  /** An attempt that was under way when it was raised is in doubt, whatever comes of it. */
  let doubts = 0;

  function later(delayMs: number, task: () => void): () => void {
    if (!isRunning) return () => {};
    const cancel = clock.after(delayMs, () => {
      timers.delete(cancel);
      if (isRunning) task();
    });
    timers.add(cancel);
    return () => {
      timers.delete(cancel);
      cancel();
    };
  }

  function onCommit({ events }: Commit): void {
    if (events.some((event) => event.changes.some((change) => change.type === 'message-sent'))) pump();
  }

  function pump(): void {
    isPumpWanted = true;
    // What is begun may end at once, and asks for the next: in a loop, or a long queue would be a deep stack.
    if (isPumping || !isRunning) return;
    isPumping = true;
    cancelSleep();
    let sleepMs = LONGEST_SLEEP_MS;
    while (isPumpWanted) {
      isPumpWanted = false;
      sleepMs = beginDue();
    }
    cancelSleep = later(sleepMs, pump);
    isPumping = false;
  }

  /** @returns how long to sleep if nothing happens */
  function beginDue(): number {
    try {
      const now = clock.now();
      deliveries.bringForward(now + LONGEST_WAIT_MS, now);
      for (const row of deliveries.listDue(now, Math.max(0, MAX_CALLS - calls.size))) begin(row);
      const next = deliveries.nextDueAt(now);
      return next === null ? LONGEST_SLEEP_MS : Math.min(LONGEST_SLEEP_MS, Math.max(1, next - now));
    } catch (error) {
      logger.error({ err: error }, 'the delivery queue could not be read or written');
      return STORE_RETRY_MS;
    }
  }

  function begin(row: Delivery): void {
    if (!deliveries.beginAttempt(row.messageId, row.part)) return;
    const attempt = { ...row, attempt: row.attempt + 1 };
    // The platform has told meanwhile what an earlier attempt came to.
    if (row.receipt !== null && endByReceipt(attempt, 'interrupted')) return;
    const doubtsBefore = doubts;
    call(attempt, lostState(row.mayHaveArrived), async (adapter, part) => {
      const result = await sendPart(adapter, part, keyOf(row), { clock, logger });
      const isDoubted = doubts !== doubtsBefore;
      // That it did not arrive this time does not say that it never did.
      if (isDoubted && !result.ok) findOut(attempt, adapter, result.reason);
      else settle(attempt, adapter, result);
    });
  }

  /** Runs `work` as one of the bounded calls, or ends the attempt as `lost` where there is nobody to call. */
  function call(row: Delivery, lost: Lost, work: (adapter: ChannelAdapter, part: OutgoingPart) => Promise<void>): void {
    const adapter = adapterOf(eventLog, channels, row);
    const part = readPart(eventLog, row);
    if (adapter === null || part === null) {
      end(row, { state: lost, reason: adapter === null ? 'channel-gone' : 'message-gone' });
      return;
    }
    const running = work(adapter, part)
      .catch((error: unknown) => {
        logger.error({ err: error, messageId: row.messageId }, 'an attempt to send ended in a mistake of ours');
        later(STORE_RETRY_MS, () => findOut(row, adapter, 'interrupted'));
      })
      .finally(() => {
        calls.delete(running);
        pump();
      });
    calls.add(running);
  }

  function settle(row: Delivery, adapter: ChannelAdapter, result: SendResult): void {
    if (result.ok) {
      end(row, { state: 'sent', externalId: result.externalId });
      return;
    }
    const { reason } = result;
    switch (result.outcome) {
      case 'retryable':
      case 'rate-limited':
        retry(row, row.mayHaveArrived, reason, result.retryAfterMs);
        break;
      case 'permanent':
      case 'window-closed':
      case 'recipient-unavailable':
        end(row, { state: lostState(row.mayHaveArrived), reason });
        break;
      case 'unknown-outcome':
        logger.warn({ messageId: row.messageId, part: row.part, reason }, 'not known whether a message was sent');
        findOut(row, adapter, reason);
        break;
    }
  }

  /** Puts the part back into its queue for later, or gives it up after a day. */
  function retry(row: Delivery, mayHaveArrived: boolean, reason: string, retryAfterMs = 0): void {
    const now = clock.now();
    const message = eventLog
      .read(subjectRef('conversation', row.conversationId))
      .item<Message>('message', row.messageId);
    if (message !== null && now - message.at > GIVE_UP_MS) {
      end(row, { state: lostState(mayHaveArrived), reason: 'gave-up' });
      return;
    }
    const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(row.attempt - 1, 20));
    const delay = Math.min(LONGEST_WAIT_MS, Math.max(retryAfterMs, longest * (0.5 + random.fraction() / 2)));
    end(row, { state: 'queued', notBefore: now + Math.ceil(delay), reason, mayHaveArrived });
  }

  /** What to do about a part that may or may not have been sent, by what the channel can tell. */
  function findOut(row: Delivery, adapter: ChannelAdapter, reason: string): void {
    if (endByReceipt(row, reason)) return;
    switch (adapter.certainty) {
      case 'keyed':
        retry(row, true, reason);
        break;
      case 'findable':
        later(FIND_AFTER_MS, () => lookUp(row, reason, 1));
        break;
      case 'neither':
        waitForReceipt(row, reason);
        break;
    }
  }

  function lookUp(row: Delivery, reason: string, count: number): void {
    if (endByReceipt(row, reason)) return;
    if (calls.size >= MAX_CALLS) {
      later(FIRST_RETRY_MS, () => lookUp(row, reason, count));
      return;
    }
    call(row, 'unknown', async (adapter, part) => {
      const found = await findPart(adapter, part, keyOf(row), { clock, logger });
      if (found === 'sent') end(row, { state: 'sent', externalId: null });
      else if (found === 'not-sent') retry(row, false, reason);
      else if (count >= MAX_FINDS) end(row, { state: 'unknown', reason });
      else later(FIND_AFTER_MS * 2 ** count, () => lookUp(row, reason, count + 1));
    });
  }

  /** Goes on with an attempt of which nothing is known but that it was begun, or may have been. */
  function takeUp(row: Delivery): void {
    const adapter = adapterOf(eventLog, channels, row);
    if (adapter === null) end(row, { state: 'unknown', reason: 'channel-gone' });
    else findOut(row, adapter, 'interrupted');
  }

  function waitForReceipt(row: Delivery, reason: string): void {
    const cancel = later(RECEIPT_WAIT_MS, () => {
      waits.delete(row.messageId);
      end(row, { state: 'unknown', reason });
    });
    // One at a time per conversation: the parts behind this one wait for it.
    waits.set(row.messageId, () => {
      if (!endByReceipt(row, reason)) return;
      waits.delete(row.messageId);
      cancel();
    });
  }

  /** @returns whether the platform itself has said what became of the part */
  function endByReceipt({ messageId, part }: Delivery, reason: string): boolean {
    const row = deliveries.listParts(messageId)[part];
    // It was erased with its customer: there is nothing to find out any more.
    if (row === undefined) return true;
    if (row.receipt === null) return false;
    if (row.receipt === 'failed') end(row, { state: 'failed', reason: row.reason ?? reason });
    else end(row, { state: 'sent', externalId: null });
    return true;
  }

  async function takeReceipt(receipt: Receipt): Promise<void> {
    try {
      deliveries.recordReceipt(receipt);
    } catch (error) {
      logger.error({ err: error }, 'a receipt could not be stored');
      throw new AppError('retry', 'The relay cannot store this at the moment.', { reason: 'storage-failed' });
    }
    for (const messageId of receipt.messageIds) waits.get(messageId)?.();
    await report();
  }

  /** Stores what came of an attempt; tries until it is stored, since the platform is not to be asked again. */
  function end(row: Delivery, outcome: AttemptOutcome): void {
    if (!isRunning && !isStopping) return;
    try {
      deliveries.endAttempt(row.messageId, row.part, outcome);
    } catch (error) {
      logger.error({ err: error, messageId: row.messageId }, 'what became of a message could not be stored');
      later(STORE_RETRY_MS, () => end(row, outcome));
      return;
    }
    if (outcome.state !== 'queued') void report();
    pump();
  }

  async function report(): Promise<void> {
    isReportWanted = true;
    if (isReporting) return;
    isReporting = true;
    while (isReportWanted && isRunning) {
      isReportWanted = false;
      const isDone = await reportOutcomes(eventLog).catch((error: unknown) => {
        logger.error({ err: error }, 'what became of messages could not be reported');
        return false;
      });
      if (!isDone) later(STORE_RETRY_MS, () => void report());
    }
    isReporting = false;
  }

  return {
    start: () => {
      if (isRunning) return;
      isRunning = true;
      unsubscribe = eventLog.onCommit(onCommit);
      for (const row of deliveries.listAttempting()) takeUp(row);
      void report();
      pump();
    },
    poke: pump,
    takeReceipt,
    doubtQueued: () => {
      const underWay = new Set(deliveries.listAttempting().map(keyOf));
      deliveries.doubtQueued();
      doubts += 1;
      // Otherwise `start` takes them up.
      if (!isRunning) return;
      for (const row of deliveries.listAttempting()) if (!underWay.has(keyOf(row))) takeUp(row);
    },
    stop: async () => {
      isRunning = false;
      isStopping = true;
      unsubscribe();
      for (const cancel of timers) cancel();
      timers.clear();
      waits.clear();
      await new Promise<void>((resolve) => {
        const cancel = clock.after(STOP_WAIT_MS, resolve);
        void Promise.allSettled(calls).then(() => {
          cancel();
          resolve();
        });
      });
      isStopping = false;
    },
  };
}
