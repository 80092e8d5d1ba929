import type { Database, Statement } from 'better-sqlite3';
import { ERASED_REASON } from '../../../shared/domain/erasure/erasure.ts';
import type { ErrorBody } from '../../../shared/errors.ts';
import type { Command } from '../../../shared/relay-protocol/commands.ts';
import {
  type AcknowledgedCommand,
  type CommandStore,
  type ErasedAt,
  type NewCommand,
  type OutboxCommand,
  type OutboxState,
  type ParentCommand,
  type RefusedEntry,
  SETTLED_KEPT_MS,
  isAcknowledged,
  isDoneBefore,
  isOnConditionOf,
  isRefusedBefore,
} from './command-store.ts';

interface CommandRow {
  id: string;
  n: number;
  type: string;
  v: number;
  subjects: string;
  args: string;
  base: string | null;
  after: string | null;
  clientAt: number;
  at: number;
  fileIds: string;
  state: OutboxState;
  attempts: number;
  seq: number | null;
  blockedBy: string | null;
}

type AttentionRow = Omit<CommandRow, 'after'> & { commandId: string; error: string };

/** Commands in the outbox file. */
export class SqliteCommandStore implements CommandStore {
  readonly #database: Database;
  readonly #takeN: Statement<[], { n: number }>;
  readonly #insert: Statement<unknown[]>;
  readonly #find: Statement<[string], CommandRow>;

  constructor(database: Database) {
    this.#database = database;
    this.#takeN = database.prepare('UPDATE device SET nextN = nextN + 1 RETURNING nextN - 1 AS n');
    this.#insert = database.prepare(
      'INSERT INTO command (id, n, type, v, subjects, args, base, after, clientAt, at, fileIds, state, attempts)' +
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', 0)",
    );
    this.#find = database.prepare('SELECT * FROM command WHERE id = ?');
  }

  add(command: NewCommand): OutboxCommand {
    return this.#database.transaction(() => this.#add(command)).immediate();
  }

  find(commandId: string): OutboxCommand | null {
    const row = this.#find.get(commandId);
    return row === undefined ? null : toCommand(row);
  }

  listOpen(): OutboxCommand[] {
    return this.#database
      .prepare<[], CommandRow>("SELECT * FROM command WHERE state <> 'settled' ORDER BY n")
      .all()
      .map(toCommand);
  }

  markSent(commandIds: readonly string[]): void {
    const mark = this.#database.prepare("UPDATE command SET state = 'sent', attempts = attempts + 1 WHERE id = ?");
    this.#database.transaction(() => commandIds.forEach((id) => mark.run(id))).immediate();
  }

  confirm(confirmed: readonly { id: string; seq: number }[]): void {
    const mark = this.#database.prepare(
      "UPDATE command SET state = 'confirmed', seq = ? WHERE id = ? AND state IN ('waiting', 'sent')",
    );
    this.#database.transaction(() => confirmed.forEach(({ id, seq }) => mark.run(seq, id))).immediate();
  }

  settle(commandIds: readonly string[], settledAt: number): void {
    const mark = this.#database.prepare("UPDATE command SET state = 'settled', settledAt = ? WHERE id = ?");
    this.#database.transaction(() => commandIds.forEach((id) => mark.run(settledAt, id))).immediate();
  }

  forget(commandIds: readonly string[]): void {
    const remove = this.#database.prepare('DELETE FROM command WHERE id = ?');
    this.#database.transaction(() => commandIds.forEach((id) => remove.run(id))).immediate();
  }

  refuse(commandId: string, error: ErrorBody, at: number): string[] {
    return this.#database
      .transaction(() => {
        const entry = this.find(commandId);
        if (entry === null) return [];
        this.#attend(entry.command, error, at);
        this.#database.prepare('DELETE FROM command WHERE id = ?').run(commandId);
        const waiting = this.#waitingFor(entry.command).map(({ id }) => id);
        const block = this.#database.prepare("UPDATE command SET state = 'blocked', blockedBy = ? WHERE id = ?");
        for (const id of waiting) block.run(commandId, id);
        return waiting;
      })
      .immediate();
  }

  removeUnsent(commandId: string): string[] {
    return this.#database
      .transaction(() => {
        const entry = this.find(commandId);
        if (entry === null || entry.state !== 'waiting' || entry.attempts > 0) return [];
        const ids = [commandId, ...this.#waitingFor(entry.command).map(({ id }) => id)];
        const remove = this.#database.prepare('DELETE FROM command WHERE id = ?');
        for (const id of ids) remove.run(id);
        return ids;
      })
      .immediate();
  }

  listRefused(): RefusedEntry[] {
    return this.#database
      .prepare<[], AttentionRow>('SELECT * FROM attention WHERE resolvedAt IS NULL ORDER BY at')
      .all()
      .map(toRefused);
  }

  findRefused(commandId: string): (RefusedEntry & { isResolved: boolean }) | null {
    const row = this.#database
      .prepare<[string], AttentionRow & { resolvedAt: number | null }>('SELECT * FROM attention WHERE commandId = ?')
      .get(commandId);
    return row === undefined ? null : { ...toRefused(row), isResolved: row.resolvedAt !== null };
  }

  listBlockedBy(commandId: string): OutboxCommand[] {
    return this.#database
      .prepare<[string], CommandRow>("SELECT * FROM command WHERE state = 'blocked' AND blockedBy = ? ORDER BY n")
      .all(commandId)
      .map(toCommand);
  }

  passBlockedOn(commandId: string): void {
    const others = this.listRefused().filter(({ command }) => command.id !== commandId);
    const block = this.#database.prepare('UPDATE command SET blockedBy = ? WHERE id = ?');
    this.#database
      .transaction(() => {
        for (const { command } of this.listBlockedBy(commandId)) {
          const other = others.find((one) => isOnConditionOf(command, one.command));
          if (other !== undefined) block.run(other.command.id, command.id);
        }
      })
      .immediate();
  }

  resolve(commandId: string, replacements: readonly NewCommand[], resolvedAt: number): OutboxCommand[] {
    return this.#database
      .transaction(() => {
        const refused = this.findRefused(commandId);
        if (refused !== null) this.#decide(refused, resolvedAt);
        this.#database.prepare("DELETE FROM command WHERE state = 'blocked' AND blockedBy = ?").run(commandId);
        return replacements.map((command) => this.#add(command));
      })
      .immediate();
  }

  listAcknowledgedBeyond(seq: number): string[] {
    return this.#database
      .prepare<[number], string>(
        "SELECT id FROM command WHERE state IN ('confirmed', 'settled') AND seq > ? ORDER BY n",
      )
      .pluck()
      .all(seq);
  }

  newestAcknowledged(): AcknowledgedCommand | null {
    const newest = this.#database
      .prepare<[], AcknowledgedCommand>(
        "SELECT id AS commandId, n, seq FROM command WHERE state IN ('confirmed', 'settled') AND seq IS NOT NULL" +
          ' ORDER BY seq DESC, n DESC LIMIT 1',
      )
      .get();
    return newest ?? null;
  }

  reclaim(commandIds: readonly string[], error: ErrorBody, at: number): string[] {
    return this.#database
      .transaction(() => {
        const lost = commandIds.flatMap((id) => this.find(id) ?? []).filter(isAcknowledged);
        for (const { command } of lost) {
          this.#attend(command, error, at);
          this.#database.prepare('DELETE FROM command WHERE id = ?').run(command.id);
        }
        return lost.map(({ command }) => command.id);
      })
      .immediate();
  }

  forgetErased(erased: ReadonlyMap<string, ErasedAt>, error: ErrorBody, at: number): string[] {
    return this.#database
      .transaction(() => {
        const done = this.#database
          .prepare<[], CommandRow>("SELECT * FROM command WHERE state IN ('confirmed', 'settled')")
          .all()
          .map(toCommand)
          .filter((entry) => isDoneBefore(erased, entry));
        const remove = this.#database.prepare('DELETE FROM command WHERE id = ?');
        for (const { command } of done) remove.run(command.id);
        const refused = this.#database
          .prepare<[], AttentionRow & { resolvedAt: number | null }>('SELECT * FROM attention')
          .all()
          .filter((row) => isRefusedBefore(erased, toRefused(row)));
        const forget = this.#database.prepare('DELETE FROM attention WHERE commandId = ?');
        const change = this.#database.prepare('UPDATE attention SET error = ?, at = ? WHERE commandId = ?');
        for (const { commandId, resolvedAt } of refused) {
          if (resolvedAt === null) change.run(JSON.stringify(error), at, commandId);
          else forget.run(commandId);
        }
        return done.flatMap(({ fileIds }) => fileIds);
      })
      .immediate();
  }

  ackedN(): number {
    const row = this.#database
      .prepare<[], { n: number | null }>("SELECT min(n) AS n FROM command WHERE state IN ('waiting', 'sent')")
      .get();
    return (row?.n ?? this.nextN()) - 1;
  }

  nextN(): number {
    return this.#database.prepare<[], number>('SELECT nextN FROM device').pluck().get() ?? 1;
  }

  prune(now: number): void {
    const before = now - SETTLED_KEPT_MS;
    this.#database.prepare("DELETE FROM command WHERE state = 'settled' AND settledAt < ?").run(before);
    this.#database.prepare('DELETE FROM attention WHERE resolvedAt < ?').run(before);
    this.#database
      .prepare("DELETE FROM attention WHERE at < ? AND json_extract(error, '$.reason') = ?")
      .run(before, ERASED_REASON);
  }

  #add({ fileIds, at, ...command }: NewCommand): OutboxCommand {
    const { n } = this.#takeN.get()!;
    const { id, type, v, subjects, args, base, after, clientAt } = command;
    this.#insert.run(
      ...[id, n, type, v, JSON.stringify(subjects), JSON.stringify(args)],
      ...[base === undefined ? null : JSON.stringify(base), after, clientAt, at, JSON.stringify(fileIds)],
    );
    return { command: { ...command, n }, state: 'waiting', attempts: 0, seq: null, at, fileIds, blockedBy: null };
  }

  #attend(command: RefusedEntry['command'], error: ErrorBody, at: number): void {
    const { id, n, type, v, subjects, args, base } = command;
    this.#database
      .prepare(
        'INSERT OR REPLACE INTO attention (commandId, n, type, v, subjects, args, base, error, at)' +
          ' VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      )
      .run(
        ...[id, n, type, v, JSON.stringify(subjects), JSON.stringify(args)],
        ...[base === undefined ? null : JSON.stringify(base), JSON.stringify(error), at],
      );
  }

  /** Of a refused command and those it blocked, whose ids are known from now on as decided. */
  #decide({ command: { id }, error }: RefusedEntry, resolvedAt: number): void {
    if (error.reason === ERASED_REASON) {
      // Nothing is kept of what belonged to an erased customer once the agent has seen it.
      this.#database.prepare('DELETE FROM attention WHERE commandId = ?').run(id);
      return;
    }
    const blocked = this.listBlockedBy(id);
    for (const { command } of blocked) this.#attend(command, error, resolvedAt);
    const mark = this.#database.prepare('UPDATE attention SET resolvedAt = ? WHERE commandId = ?');
    for (const decided of [id, ...blocked.map(({ command }) => command.id)]) mark.run(resolvedAt, decided);
  }

  /** Commands on the condition of this one. */
  #waitingFor(parent: ParentCommand): Command[] {
    return this.#database
      .prepare<[number], CommandRow>(
        "SELECT * FROM command WHERE n > ? AND after IS NOT NULL AND state IN ('waiting', 'sent') ORDER BY n",
      )
      .all(parent.n)
      .map((row) => toCommand(row).command)
      .filter((command) => isOnConditionOf(command, parent));
  }
}

function toCommand(row: CommandRow): OutboxCommand {
  const { id, n, type, v, after, clientAt, at, state, attempts, seq, blockedBy } = row;
  return {
    command: {
      ...{ id, n, type, v, after, clientAt },
      subjects: JSON.parse(row.subjects) as Command['subjects'],
      args: JSON.parse(row.args) as unknown,
      ...(row.base === null ? {} : { base: JSON.parse(row.base) as unknown }),
    },
    ...{ state, attempts, seq, at, blockedBy },
    fileIds: JSON.parse(row.fileIds) as string[],
  };
}

function toRefused(row: AttentionRow): RefusedEntry {
  const { commandId, n, type, v, at } = row;
  return {
    command: {
      ...{ id: commandId, n, type, v },
      subjects: JSON.parse(row.subjects) as Command['subjects'],
      args: JSON.parse(row.args) as unknown,
      ...(row.base === null ? {} : { base: JSON.parse(row.base) as unknown }),
    },
    error: JSON.parse(row.error) as ErrorBody,
    at,
  };
}
