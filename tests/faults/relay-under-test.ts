import { execFile } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import BetterSqlite3 from 'better-sqlite3';
import { pino } from 'pino';
import { openRelayDatabase } from '../../src-relay/event-log/open-relay-database.ts';
import { openSqliteEventLog } from '../../src-relay/event-log/sqlite-event-log.ts';
import { createSystemClock, createSystemRandom } from '../../src-relay/system-clock.ts';
import { AdminClient } from '../../tools/processes/admin-client.ts';
import { Program, projectRoot } from '../../tools/processes/program.ts';
import { findTestPort } from '../fakes/find-test-port.ts';
import { ChildController } from './child-control.ts';

const ADMIN_RETRY_MS = 300;
const START_TRIES = 5;

/** A real relay process on a folder and port of its own, for the run to mistreat. */
export class RelayUnderTest {
  readonly control: ChildController;
  readonly dataDir: string;
  readonly port: number;
  readonly #folder: string;
  readonly #log: string;
  #program: Program | null = null;
  #backups = 0;
  /** What it printed last when it ended by itself, which it never should. */
  readonly crashes: string[] = [];

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
    this.dataDir = path.join(folder, 'relay');
    this.#log = path.join(folder, 'relay.log');
    this.control = new ChildController(path.join(folder, 'relay.control.json'));
  }

  static async open(folder: string): Promise<RelayUnderTest> {
    mkdirSync(folder, { recursive: true });
    const relay = new RelayUnderTest(folder, await findTestPort());
    await relay.start();
    return relay;
  }

  get databaseFile(): string {
    return path.join(this.dataDir, 'relay.db');
  }

  get isRunning(): boolean {
    return this.#program !== null;
  }

  /** @throws Error with its last words when it does not start */
  async start(): Promise<void> {
    const program = await Program.start({
      entry: 'src-relay/main.ts',
      args: ['--host', '127.0.0.1', '--port', String(this.port), '--data-dir', this.dataDir, '--log-level', 'info'],
      nodeArguments: this.control.nodeArguments,
      ready: /^Liendesk relay: (\S+)$/u,
      logFile: this.#log,
      env: this.control.env,
    });
    this.#program = program;
    program.onUnexpectedEnd((code) => {
      if (this.#program !== program) return;
      this.#program = null;
      this.crashes.push(`the relay ended by itself with ${String(code)}; see ${this.#log}`);
    });
  }

  /** Starts it where an outgoing connection of this machine may have taken its port for a moment. */
  async startAgain(): Promise<void> {
    if (this.#program !== null) return;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.start();
        return;
      } catch (error) {
        if (attempt === START_TRIES) throw error;
        await sleep(1000);
      }
    }
  }

  async kill(): Promise<void> {
    const program = this.#program;
    this.#program = null;
    await program?.kill();
  }

  async stop(): Promise<void> {
    const program = this.#program;
    this.#program = null;
    await program?.stop();
  }

  freeze(): void {
    if (this.#program !== null) process.kill(this.#program.pid, 'SIGSTOP');
  }

  thaw(): void {
    if (this.#program !== null) process.kill(this.#program.pid, 'SIGCONT');
  }

  /** The admin API, as often as it takes while the relay is away. @throws Error when it refuses */
  async administer(method: 'GET' | 'POST' | 'PATCH', route: string, body?: unknown): Promise<unknown> {
    for (;;) {
      try {
        // Anew each time: a restored relay has another token.
        return await AdminClient.ofDataDir(this.dataDir).call(method, route, body);
      } catch (error) {
        if (error instanceof Error && error.message.startsWith(`${method} ${route}:`) && !isPassing(error)) throw error;
        await sleep(ADMIN_RETRY_MS);
      }
    }
  }

  /** A backup by the relay's own means. @returns its folder */
  async backUp(): Promise<string> {
    this.#backups += 1;
    const to = path.join(this.#folder, `backup-${this.#backups}-${Date.now()}`);
    await this.administer('POST', '/backups', { to });
    return to;
  }

  /** Puts a backup in the place of the data folder by `liendesk backup restore`. The relay must not be running. */
  async restore(backup: string): Promise<void> {
    const aside = path.join(this.#folder, `relay-before-${Date.now()}`);
    renameSync(this.dataDir, aside);
    const tool = path.join(projectRoot, 'tools/liendesk/main.ts');
    await promisify(execFile)(process.execPath, [tool, 'backup', 'restore', backup, '--data-dir', this.dataDir]);
    rmSync(aside, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Forgets all events but the newest few, as thirty days do. The relay must not be running. */
  async truncate(keep: number): Promise<void> {
    const database = openRelayDatabase(this.databaseFile);
    const eventLog = openSqliteEventLog({
      database,
      clock: createSystemClock(),
      random: createSystemRandom(),
      plan: (_kind, message) => [message],
      hasFile: () => true,
      logger: pino({ level: 'silent' }),
    });
    await eventLog.truncate(eventLog.head() - keep + 1);
    await eventLog.close();
    database.close();
  }

  /** Makes its database one of a version that does not exist yet, or takes that back. It must not be running. */
  changeVersion(by: number): void {
    const database = new BetterSqlite3(this.databaseFile);
    try {
      const version = Number(database.pragma('user_version', { simple: true }));
      database.pragma(`user_version = ${version + by}`);
    } finally {
      database.close();
    }
  }

  /** Seq of the newest event in its database. */
  head(): number {
    const database = new BetterSqlite3(this.databaseFile, { readonly: true });
    try {
      return database.prepare<[], number>('SELECT head FROM log_meta').pluck().get() ?? 0;
    } finally {
      database.close();
    }
  }
}

/** A disk that is full, or a relay that is just ending, answers that one may try again. */
function isPassing(error: Error): boolean {
  return /try again|later|cannot take commands|could not be written|shutting down/iu.test(error.message);
}
