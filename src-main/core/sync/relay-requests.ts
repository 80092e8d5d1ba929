import { AppError } from '../../../shared/errors.ts';
import type { Clock } from '../../../shared/primitives/clock.ts';

const ANSWERED_WITHIN_MS = 15_000;

interface OpenRequest {
  take(answer: unknown): Promise<void>;
  fail(error: AppError): void;
}

/** What was asked of the relay in one session and waits for its answer. */
export class RelayRequests {
  readonly #clock: Clock;
  readonly #open = new Map<string, OpenRequest>();
  #pauses = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Waits for the answer to what was asked under `id`.
   * @param take what to do with the answer, in its turn among all that the relay says; an AppError that it returns is a
   * refusal
   * @throws AppError that refusal, or `offline` when no answer came
   */
  answerTo<Answer, Value>(id: string, take: (answer: Answer) => Promise<Value | AppError>): Promise<Value> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(ANSWERED_WITHIN_MS, () => {
        this.#open.delete(id);
        reject(offline());
      });
      this.#open.set(id, {
        take: async (answer) => {
          const value = await take(answer as Answer);
          this.#open.delete(id);
          cancel();
          if (value instanceof AppError) reject(value);
          else resolve(value);
        },
        fail: (error) => {
          this.#open.delete(id);
          cancel();
          reject(error);
        },
      });
    });
  }

  /** An answer came. What nobody waits for any more is left alone. @throws what `take` throws; then the request stays open */
  async receive(id: string, answer: unknown): Promise<void> {
    await this.#open.get(id)?.take(answer);
  }

  /** Waits before something is asked again. @throws AppError `offline` when the session ends meanwhile */
  pause(waitMs: number): Promise<void> {
    this.#pauses += 1;
    const key = `pause ${this.#pauses}`;
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(waitMs, () => {
        this.#open.delete(key);
        resolve();
      });
      const fail = (error: AppError): void => {
        this.#open.delete(key);
        cancel();
        reject(error);
      };
      this.#open.set(key, { take: () => Promise.resolve(), fail });
    });
  }

  /** No answer comes any more. */
  failAll(): void {
    for (const request of this.#open.values()) request.fail(offline());
  }
}

export function offline(): AppError {
  return new AppError('offline', 'There is no connection to the relay.', { reason: 'offline' });
}
