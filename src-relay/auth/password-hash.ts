import { argon2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { AppError } from '../../shared/errors.ts';
import type { Random } from '../../shared/primitives/clock.ts';

const computeArgon2 = promisify(argon2);

const MEMORY_KIB = 19_456;
const PASSES = 2;
const LANES = 1;
const TAG_BYTES = 32;
const SALT_BYTES = 16;
const FORMAT = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/;

/** Hashes that may be computed at once: more would take libuv's threads from the files, and memory. */
const CONCURRENT = 2;
const WAITING = 200;

/** Hashes and checks passwords with argon2id, off the main thread, a few at a time. */
export class PasswordHasher {
  readonly #random: Random;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** @returns a PHC string: parameters, salt and tag, so that stronger parameters can come later */
  async hash(password: string): Promise<string> {
    const salt = Buffer.from(this.#random.bytes(SALT_BYTES));
    const tag = await this.#compute(password, salt, MEMORY_KIB, PASSES, LANES, TAG_BYTES);
    return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${unpadded(salt)}$${unpadded(tag)}`;
  }

  /** Whether `password` made `hash`. Takes as long for a wrong one as for a right one. */
  async verify(password: string, hash: string): Promise<boolean> {
    const parts = FORMAT.exec(hash);
    if (parts === null) throw new AppError('internal', 'A stored password hash is not in a known form.');
    const [, memory, passes, lanes, salt, tag] = parts as unknown as [string, string, string, string, string, string];
    const expected = Buffer.from(tag, 'base64');
    const actual = await this.#compute(
      password,
      Buffer.from(salt, 'base64'),
      Number(memory),
      Number(passes),
      Number(lanes),
      expected.length,
    );
    return timingSafeEqual(actual, expected);
  }

  async #compute(
    password: string,
    nonce: Buffer,
    memory: number,
    passes: number,
    parallelism: number,
    tagLength: number,
  ): Promise<Buffer> {
    await this.#enter();
    try {
      // Vietnamese keyboards type the same letter composed or decomposed.
      const message = Buffer.from(password.normalize('NFKC'), 'utf8');
      return await computeArgon2('argon2id', { message, nonce, parallelism, tagLength, memory, passes });
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#running < CONCURRENT) {
      this.#running += 1;
      return;
    }
    if (this.#waiting.length >= WAITING) {
      throw new AppError('rate_limited', 'Too many people sign in at once; try again in a moment.', {
        reason: 'too-many-attempts',
        retryAfterMs: 5000,
      });
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
