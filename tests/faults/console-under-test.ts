import { randomBytes } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { Random } from '../../shared/primitives/clock.ts';
import { openEncryptedDatabase } from '../../src-main/core/encrypted-database.ts';
import { LeasedKey } from '../../src-main/core/leased-key.ts';
import { readOrMakeLocalKeys } from '../../src-main/core/local-keys.ts';
import { createSystemRandom } from '../../src-main/core/system-clock.ts';
import { HeadlessConsole } from '../../tools/processes/headless-console.ts';
import { ChildController } from './child-control.ts';
import type { FaultProxy } from './fault-proxy.ts';

const START_TRIES = 20;
const PAGE_BYTES = 4096;

export interface ConsoleParts {
  number: number;
  folder: string;
  agentId: string;
  email: string;
  password: string;
  /** Its own way to the relay. */
  proxy: FaultProxy;
}

/** A real console process on a folder of its own, for the run to mistreat. */
export class ConsoleUnderTest {
  readonly number: number;
  readonly agentId: string;
  readonly proxy: FaultProxy;
  readonly control: ChildController;
  readonly headless: HeadlessConsole;
  readonly dataDir: string;
  readonly logFile: string;
  /** Whether it should be running: a console that is not, and should, has crashed. */
  shouldRun = false;

  readonly #signIn: { relayUrl: string; email: string; password: string };
  /** How often its agent had to sign in again, as after a backup that does not know the newest sign-in. */
  signIns = 0;

  constructor({ number, folder, agentId, email, password, proxy }: ConsoleParts) {
    this.number = number;
    this.agentId = agentId;
    this.proxy = proxy;
    this.dataDir = path.join(folder, `console-${number}`);
    this.logFile = path.join(folder, `console-${number}.log`);
    mkdirSync(this.dataDir, { recursive: true });
    const passwordFile = path.join(folder, `console-${number}.password`);
    writeFileSync(passwordFile, password, { mode: 0o600 });
    this.control = new ChildController(path.join(folder, `console-${number}.control.json`));
    this.#signIn = { relayUrl: proxy.url, email, password };
    this.headless = new HeadlessConsole({
      relayUrl: proxy.url,
      email,
      passwordFile,
      dataDir: this.dataDir,
      logFile: this.logFile,
      nodeArguments: this.control.nodeArguments,
      env: this.control.env,
    });
  }

  async start(): Promise<void> {
    await this.headless.start();
    this.shouldRun = true;
  }

  /** @throws Error when it ends by itself again and again */
  async startAgain(): Promise<void> {
    for (let attempt = 1; this.headless.pid === undefined; attempt += 1) {
      try {
        await this.start();
      } catch (error) {
        if (attempt === START_TRIES)
          throw new Error(`console ${this.number} does not start: ${this.lastWords()}`, { cause: error });
        await sleep(500);
      }
    }
  }

  async kill(): Promise<void> {
    this.shouldRun = false;
    await this.headless.kill();
  }

  async stop(): Promise<void> {
    this.shouldRun = false;
    await this.headless.stop();
  }

  /** What an agent does who is asked to. @throws AppError */
  async signInAgain(): Promise<void> {
    await this.headless.request('session.signIn', this.#signIn);
    this.signIns += 1;
  }

  freeze(): void {
    if (this.headless.pid !== undefined) process.kill(this.headless.pid, 'SIGSTOP');
  }

  thaw(): void {
    if (this.headless.pid !== undefined) process.kill(this.headless.pid, 'SIGCONT');
  }

  /** The end of what it said on stderr. */
  lastWords(): string {
    if (!existsSync(this.logFile)) return '';
    return readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-6).join('\n');
  }

  /** The folder of the account; null before the first sign-in. */
  get accountFolder(): string | null {
    const accounts = path.join(this.dataDir, 'accounts');
    const [folder] = existsSync(accounts) ? readdirSync(accounts) : [];
    return folder === undefined ? null : path.join(accounts, folder);
  }

  file(name: 'cache.db' | 'outbox.db'): string {
    return path.join(this.accountFolder ?? this.dataDir, name);
  }

  /** Reads one of its files, also while it runs. */
  read<Value>(name: 'cache.db' | 'outbox.db', run: (database: Database) => Value): Value {
    const database = openEncryptedDatabase(this.file(name), this.keyOf(name), 'read');
    try {
      return run(database);
    } finally {
      database.close();
    }
  }

  /** Changes one of its files. The console must not be running. */
  write<Value>(name: 'cache.db' | 'outbox.db', run: (database: Database) => Value): Value {
    const database = openEncryptedDatabase(this.file(name), this.keyOf(name), 'write');
    try {
      return run(database);
    } finally {
      database.close();
    }
  }

  /** Overwrites pages of the cache with random bytes. It must not be running. @returns how many */
  damageCache(pages: number, random: Random): number {
    const file = this.file('cache.db');
    const count = Math.floor(statSync(file).size / PAGE_BYTES);
    const handle = openSync(file, 'r+');
    try {
      for (let index = 0; index < pages; index += 1) {
        const page = Math.floor(random.fraction() * count);
        writeSync(handle, randomBytes(PAGE_BYTES / 4), 0, PAGE_BYTES / 4, page * PAGE_BYTES + 512);
      }
    } finally {
      closeSync(handle);
    }
    return pages;
  }

  deleteCacheFiles(suffixes: readonly string[]): void {
    for (const suffix of suffixes) rmSync(this.file('cache.db') + suffix, { force: true });
  }

  /** Makes its outbox one of a version that does not exist yet, or takes that back. */
  changeOutboxVersion(by: number): void {
    this.write('outbox.db', (database) => {
      const version = Number(database.pragma('user_version', { simple: true }));
      database.pragma(`user_version = ${version + by}`);
    });
  }

  /** A copy of the outbox as it is on the disk now, by the driver's own means, whether the console runs or not. */
  async copyOutbox(to: string): Promise<void> {
    mkdirSync(path.dirname(to), { recursive: true });
    const from = this.file('outbox.db');
    // The log has to be of the same moment as the file: both are taken while nobody can write.
    const isRunning = this.headless.pid !== undefined;
    if (isRunning) this.freeze();
    try {
      for (const suffix of ['', '-wal']) {
        rmSync(to + suffix, { force: true });
        if (existsSync(from + suffix)) cpSync(from + suffix, to + suffix);
      }
    } finally {
      if (isRunning) this.thaw();
    }
  }

  /** Puts such a copy in the place of the outbox. The console must not be running. */
  putBackOutbox(copy: string): void {
    const file = this.file('outbox.db');
    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
    for (const suffix of ['', '-wal']) if (existsSync(copy + suffix)) cpSync(copy + suffix, file + suffix);
  }

  /** Of one of its files, as it is now. */
  keyOf(name: 'cache.db' | 'outbox.db'): string {
    const { cache, outbox } = readOrMakeLocalKeys(this.dataDir);
    if (name === 'outbox.db') return outbox;
    return new LeasedKey(path.dirname(this.file(name)), cache, createSystemRandom()).current();
  }
}
