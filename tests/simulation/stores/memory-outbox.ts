import { ERASED_REASON } from '../../../shared/domain/erasure/erasure.ts';
import type { ErrorBody } from '../../../shared/errors.ts';
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
} from '../../../src-main/core/outbox/command-store.ts';
import type { DeviceStore } from '../../../src-main/core/outbox/device-store.ts';
import type { DraftStore } from '../../../src-main/core/outbox/draft-store.ts';
import { type FileStore, UPLOADED_KEPT_MS, type PendingFile } from '../../../src-main/core/outbox/file-store.ts';
import { type Outbox, neededFiles } from '../../../src-main/core/outbox/outbox.ts';
import type { SessionStore } from '../../../src-main/core/outbox/session-store.ts';
import type { SettingStore } from '../../../src-main/core/outbox/setting-store.ts';
import { frozenJson } from './frozen-json.ts';
import type { MemoryDisk } from './memory-disk.ts';
import { makeDraftStore } from './memory-drafts.ts';
import { MemoryOutboxState } from './memory-outbox-state.ts';

/** One process's hold on the outbox of a disk. */
export interface OutboxHandle {
  read(): MemoryOutboxState;
  write<Answer>(name: string, work: (state: MemoryOutboxState) => Answer): Answer;
}

export class MemoryOutbox implements Outbox {
  readonly commands: CommandStore;
  readonly device: DeviceStore;
  readonly drafts: DraftStore;
  readonly files: FileStore;
  readonly session: SessionStore;
  readonly settings: SettingStore;
  readonly damagedFile = null;
  #isClosed = false;

  /** Opens the outbox of a disk, or makes an empty one. @param now epoch ms @param makeId makes a UUID */
  constructor(disk: MemoryDisk, now: number, makeId: () => string) {
    const { life } = disk;
    disk.requireAlive(life);
    const state = (disk.outbox ??= new MemoryOutboxState(makeId()));
    const requireOpen = (): void => {
      disk.requireAlive(life);
      if (this.#isClosed) throw new TypeError('The database connection is not open');
    };
    const handle: OutboxHandle = {
      read: () => {
        requireOpen();
        return state;
      },
      write: (name, work) => {
        requireOpen();
        return disk.commit(life, 'outbox', name, () => work(state));
      },
    };
    this.commands = new MemoryCommandStore(handle);
    this.device = makeDeviceStore(handle, makeId);
    this.drafts = makeDraftStore(handle);
    this.files = makeFileStore(handle);
    this.session = makeSessionStore(handle);
    this.settings = makeSettingStore(handle);
    const newestSettledAt = Math.max(0, ...disk.outbox.settledAt.values());
    if (!disk.isFull) this.prune(Math.min(now, newestSettledAt));
  }

  prune(now: number): void {
    this.commands.prune(now);
    this.files.prune(neededFiles(this), now);
  }

  scrub(): void {
    // What is deleted leaves no trace in memory.
  }

  close(): void {
    this.#isClosed = true;
  }
}

class MemoryCommandStore implements CommandStore {
  readonly #handle: OutboxHandle;

  constructor(handle: OutboxHandle) {
    this.#handle = handle;
  }

  add(command: NewCommand): OutboxCommand {
    return this.#handle.write('command.add', (state) => add(state, command));
  }

  find(commandId: string): OutboxCommand | null {
    return this.#handle.read().commands.get(commandId) ?? null;
  }

  listOpen(): OutboxCommand[] {
    const open: OutboxCommand[] = [];
    for (const entry of this.#handle.read().commands.values()) if (entry.state !== 'settled') open.push(entry);
    return open;
  }

  markSent(commandIds: readonly string[]): void {
    this.#handle.write('command.markSent', (state) => {
      for (const id of commandIds) {
        change(state, id, (entry) => ({ ...entry, state: 'sent', attempts: entry.attempts + 1 }));
      }
    });
  }

  confirm(confirmed: readonly { id: string; seq: number }[]): void {
    this.#handle.write('command.confirm', (state) => {
      for (const { id, seq } of confirmed) {
        change(state, id, (entry) => (isUnanswered(entry) ? { ...entry, state: 'confirmed', seq } : entry));
      }
    });
  }

  forget(commandIds: readonly string[]): void {
    this.#handle.write('command.forget', (state) => commandIds.forEach((id) => forget(state, id)));
  }

  settle(commandIds: readonly string[], settledAt: number): void {
    this.#handle.write('command.settle', (state) => {
      for (const id of commandIds) {
        change(state, id, (entry) => ({ ...entry, state: 'settled' }));
        if (state.commands.has(id)) state.settledAt.set(id, settledAt);
      }
    });
  }

  refuse(commandId: string, error: ErrorBody, at: number): string[] {
    return this.#handle.write('command.refuse', (state) => {
      const entry = state.commands.get(commandId);
      if (entry === undefined) return [];
      attend(state, entry, error, at);
      state.commands.delete(commandId);
      const waiting = waitingFor(state, entry.command);
      for (const id of waiting) change(state, id, (one) => ({ ...one, state: 'blocked', blockedBy: commandId }));
      return waiting;
    });
  }

  removeUnsent(commandId: string): string[] {
    return this.#handle.write('command.removeUnsent', (state) => {
      const entry = state.commands.get(commandId);
      if (entry === undefined || entry.state !== 'waiting' || entry.attempts > 0) return [];
      const ids = [commandId, ...waitingFor(state, entry.command)];
      for (const id of ids) state.commands.delete(id);
      return ids;
    });
  }

  listRefused(): RefusedEntry[] {
    const { attention, resolvedAt } = this.#handle.read();
    if (attention.size === 0) return [];
    const open = [...attention.values()].filter(({ command }) => !resolvedAt.has(command.id));
    return open.sort((a, b) => a.at - b.at);
  }

  findRefused(commandId: string): (RefusedEntry & { isResolved: boolean }) | null {
    const { attention, resolvedAt } = this.#handle.read();
    const found = attention.get(commandId);
    return found === undefined ? null : { ...found, isResolved: resolvedAt.has(commandId) };
  }

  listBlockedBy(commandId: string): OutboxCommand[] {
    return [...this.#handle.read().commands.values()].filter(
      ({ state, blockedBy }) => state === 'blocked' && blockedBy === commandId,
    );
  }

  passBlockedOn(commandId: string): void {
    const others = this.listRefused().filter(({ command }) => command.id !== commandId);
    const blocked = this.listBlockedBy(commandId);
    this.#handle.write('command.passBlockedOn', (state) => {
      for (const { command } of blocked) {
        const other = others.find((one) => isOnConditionOf(command, one.command));
        if (other !== undefined) change(state, command.id, (entry) => ({ ...entry, blockedBy: other.command.id }));
      }
    });
  }

  resolve(commandId: string, replacements: readonly NewCommand[], resolvedAt: number): OutboxCommand[] {
    const blocked = this.listBlockedBy(commandId);
    return this.#handle.write('command.resolve', (state) => {
      const refused = state.attention.get(commandId);
      if (refused?.error.reason === ERASED_REASON) {
        state.attention.delete(commandId);
        state.resolvedAt.delete(commandId);
      } else if (refused !== undefined) {
        for (const entry of blocked) attend(state, entry, refused.error, resolvedAt);
        for (const id of [commandId, ...blocked.map(({ command }) => command.id)]) state.resolvedAt.set(id, resolvedAt);
      }
      for (const { command } of blocked) state.commands.delete(command.id);
      return replacements.map((command) => add(state, command));
    });
  }

  listAcknowledgedBeyond(seq: number): string[] {
    return [...this.#handle.read().commands.values()]
      .filter((entry) => isAcknowledged(entry) && entry.seq !== null && entry.seq > seq)
      .map(({ command }) => command.id);
  }

  newestAcknowledged(): AcknowledgedCommand | null {
    let newest: AcknowledgedCommand | null = null;
    for (const entry of this.#handle.read().commands.values()) {
      const { command, seq } = entry;
      if (!isAcknowledged(entry) || seq === null) continue;
      const isNewer = newest === null || seq > newest.seq || (seq === newest.seq && command.n > newest.n);
      if (isNewer) newest = { commandId: command.id, n: command.n, seq };
    }
    return newest;
  }

  reclaim(commandIds: readonly string[], error: ErrorBody, at: number): string[] {
    return this.#handle.write('command.reclaim', (state) => {
      const lost = commandIds.flatMap((id) => state.commands.get(id) ?? []).filter(isAcknowledged);
      for (const entry of lost) {
        attend(state, entry, error, at);
        forget(state, entry.command.id);
      }
      return lost.map(({ command }) => command.id);
    });
  }

  forgetErased(erased: ReadonlyMap<string, ErasedAt>, error: ErrorBody, at: number): string[] {
    return this.#handle.write('command.forgetErased', (state) => {
      const done = [...state.commands.values()].filter((one) => isAcknowledged(one) && isDoneBefore(erased, one));
      for (const { command } of done) forget(state, command.id);
      for (const [id, refused] of state.attention) {
        if (!isRefusedBefore(erased, refused)) continue;
        if (!state.resolvedAt.has(id)) state.attention.set(id, { ...refused, error, at });
        else {
          state.attention.delete(id);
          state.resolvedAt.delete(id);
        }
      }
      return done.flatMap(({ fileIds }) => fileIds);
    });
  }

  ackedN(): number {
    for (const entry of this.#handle.read().commands.values()) {
      if (isUnanswered(entry)) return entry.command.n - 1;
    }
    return this.nextN() - 1;
  }

  nextN(): number {
    return this.#handle.read().device.nextN;
  }

  prune(now: number): void {
    const before = now - SETTLED_KEPT_MS;
    const { commands, settledAt, resolvedAt, attention } = this.#handle.read();
    const settled = [...settledAt].filter(([id, at]) => at < before && commands.get(id)?.state === 'settled');
    const resolved = [...resolvedAt].filter(([, at]) => at < before);
    const erased = [...attention.values()].filter(({ at, error }) => at < before && error.reason === ERASED_REASON);
    if (settled.length + resolved.length + erased.length === 0) return;
    this.#handle.write('command.prune', (state) => {
      for (const [id] of settled) forget(state, id);
      for (const id of [...resolved.map(([one]) => one), ...erased.map(({ command }) => command.id)]) {
        state.attention.delete(id);
        state.resolvedAt.delete(id);
      }
    });
  }
}

function isUnanswered({ state }: { state: OutboxState }): boolean {
  return state === 'waiting' || state === 'sent';
}

function add(state: MemoryOutboxState, { fileIds, at, ...rest }: NewCommand): OutboxCommand {
  const { nextN: n } = state.device;
  if (state.commands.has(rest.id)) {
    throw Object.assign(new Error('UNIQUE constraint failed: command.id'), { code: 'SQLITE_CONSTRAINT_PRIMARYKEY' });
  }
  state.device = { ...state.device, nextN: n + 1 };
  const { base, ...others } = rest;
  const command = { ...others, ...(base === undefined ? {} : { base }), n };
  const entry: OutboxCommand = { command, state: 'waiting', attempts: 0, seq: null, at, fileIds, blockedBy: null };
  state.commands.set(command.id, entry);
  return entry;
}

function change(state: MemoryOutboxState, id: string, make: (entry: OutboxCommand) => OutboxCommand): void {
  const entry = state.commands.get(id);
  if (entry !== undefined) state.commands.set(id, make(entry));
}

function attend(state: MemoryOutboxState, { command }: OutboxCommand, error: ErrorBody, at: number): void {
  const { after: _after, clientAt: _clientAt, ...kept } = command;
  state.attention.set(command.id, { command: kept, error, at });
  state.resolvedAt.delete(command.id);
}

function forget(state: MemoryOutboxState, id: string): void {
  state.commands.delete(id);
  state.settledAt.delete(id);
}

/** Ids of commands on the condition of this one. */
function waitingFor(state: MemoryOutboxState, parent: ParentCommand): string[] {
  return [...state.commands.values()]
    .filter((entry) => isUnanswered(entry) && entry.command.n > parent.n && isOnConditionOf(entry.command, parent))
    .map(({ command }) => command.id);
}

function makeDeviceStore({ read, write }: OutboxHandle, makeId: () => string): DeviceStore {
  return {
    id: () => read().device.id,
    renew: () =>
      write('device.renew', (state) => {
        state.device = { ...state.device, id: makeId() };
      }),
  };
}

function makeFileStore({ read, write }: OutboxHandle): FileStore {
  return {
    add: (file, chunks, addedAt) =>
      write('file.add', ({ files }) => {
        if (!files.has(file.id)) files.set(file.id, { ...file, isUploaded: false, chunks, addedAt });
      }),
    find: (fileId): PendingFile | null => {
      const found = read().files.get(fileId);
      if (found === undefined) return null;
      const { chunks: _chunks, addedAt: _addedAt, ...file } = found;
      return file;
    },
    read: (fileId, offset, length) =>
      Buffer.concat(read().files.get(fileId)?.chunks ?? []).subarray(offset, offset + length),
    setUploaded: (fileId, isUploaded) =>
      write('file.setUploaded', ({ files }) => {
        const file = files.get(fileId);
        if (file !== undefined) files.set(fileId, { ...file, isUploaded });
      }),
    remove: (fileIds) =>
      write('file.remove', ({ files }) => {
        for (const fileId of fileIds) files.delete(fileId);
      }),
    prune: (needed, now) => {
      const old = [...read().files.values()].filter(
        ({ id, addedAt }) => addedAt < now - UPLOADED_KEPT_MS && !needed.has(id),
      );
      if (old.length === 0) return;
      write('file.prune', ({ files }) => {
        for (const { id } of old) files.delete(id);
      });
    },
  };
}

function makeSessionStore({ read, write }: OutboxHandle): SessionStore {
  return {
    get: () => read().session,
    set: ({ relayUrl, email, agentId, refreshToken }) =>
      write('session.set', (state) => {
        state.session = { relayUrl, email, agentId, refreshToken };
      }),
    clear: () =>
      write('session.clear', (state) => {
        state.session = null;
      }),
  };
}

function makeSettingStore({ read, write }: OutboxHandle): SettingStore {
  return {
    get: (key) => read().settings.get(key) ?? null,
    set: (key, value) => write('setting.set', ({ settings }) => void settings.set(key, frozenJson(value ?? null))),
    listSeen: () => [...read().seen],
    markSeen: (conversationId, position) => {
      const known = read().seen.get(conversationId);
      if (known !== undefined && position <= known) return false;
      write('setting.markSeen', ({ seen }) => seen.set(conversationId, position));
      return true;
    },
    forgetSeenBeyond: (position) => {
      const beyond = [...read().seen].filter(([, seenUpTo]) => seenUpTo > position).map(([id]) => id);
      if (beyond.length > 0) {
        write('setting.forgetSeenBeyond', ({ seen }) => beyond.forEach((id) => seen.set(id, position)));
      }
      return beyond;
    },
    forgetSeen: (ids) => {
      if (ids.length > 0) write('setting.forgetSeen', ({ seen }) => ids.forEach((id) => seen.delete(id)));
    },
  };
}
