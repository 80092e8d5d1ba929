import type { CorePushName, CorePushes } from '../../shared/core-api/pushes.ts';
import type { SyncStatus } from '../../shared/core-api/views.ts';
import type { Ephemeral } from '../../shared/domain/presence/ephemeral.ts';
import type { SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import { AppError } from '../../shared/errors.ts';
import type { Clock, Random } from '../../shared/primitives/clock.ts';
import { makeUuidV7 } from '../../shared/primitives/uuid-v7.ts';
import type { AccountFiles } from './account-files.ts';
import { Cache } from './cache/cache.ts';
import type { AppliedFrame } from './cache/given-frame.ts';
import { ChangedSubjects, Coalescer } from './coalescer.ts';
import type { DiskRoom } from './disk-room.ts';
import { ErasedSubjects, tellOfErasures } from './erased-subjects.ts';
import { arrivalsIn } from './features/arrivals-in-frame.ts';
import { CommandDesk } from './features/command-desk.ts';
import { DraftDesk } from './features/draft-desk.ts';
import { type FeatureContext, ask } from './features/feature-context.ts';
import { IncomingFiles } from './features/incoming-files.ts';
import { PresenceBoard } from './features/presence-board.ts';
import { Notices } from './notices.ts';
import type { Outbox } from './outbox/outbox.ts';
import { localCopy } from './local-copy.ts';
import { SeenPositions } from './seen-positions.ts';
import { refusedOf } from './refused-commands.ts';
import { CacheLease } from './sync/cache-lease.ts';
import { CommandFlow } from './sync/command-flow.ts';
import { RelayClock } from './sync/relay-clock.ts';
import { type Fetch, type Grant, RelayHttp } from './sync/relay-http.ts';
import type { ConnectRelay } from './sync/relay-link.ts';
import { SyncClient, type SyncLog } from './sync/sync-client.ts';
import { TokenKeeper } from './sync/token-keeper.ts';
import { Uploader } from './sync/uploader.ts';
import { watchForWaking } from './sync/wake-watch.ts';

export interface AccountParts {
  relayUrl: string;
  agentId: string;
  files: AccountFiles;
  connect: ConnectRelay;
  fetch: Fetch;
  clock: Clock;
  random: Random;
  logger: SyncLog;
  push<Name extends CorePushName>(name: Name, payload: CorePushes[Name]): void;
  onEphemeral(ephemeral: Ephemeral): void;
}

/** Changes are told at once when alone, and gathered over this time when many come. */
const CHANGED_INTERVAL_MS = 40;
const STATUS_INTERVAL_MS = 100;
/** Stands for all subjects in a `changed` push. */
const EVERYTHING = '*';
const LEASE_WATCH_MS = 60_000;
const PRUNE_EVERY_MS = 60 * 60_000;

/** One agent of one relay on this device: cache, outbox, sync, and what features need of them. */
export class Account {
  readonly relayUrl: string;
  readonly agentId: string;
  readonly outbox: Outbox;
  readonly room: DiskRoom;
  readonly context: FeatureContext;
  readonly #parts: AccountParts;
  readonly #cache: Cache;
  readonly #flow: CommandFlow;
  readonly #sync: SyncClient;
  readonly #http: RelayHttp;
  readonly #tokens: TokenKeeper;
  readonly #presence: PresenceBoard;
  readonly #lease: CacheLease;
  #cancelLeaseWatch: () => void = () => undefined;
  #stopWakeWatch: () => void = () => undefined;
  #cancelPrune: () => void = () => undefined;
  readonly #changed: ChangedSubjects;
  readonly #seen: SeenPositions;
  readonly #pushStatus: Coalescer;
  readonly #notices: Notices;
  readonly #erased: ErasedSubjects;
  #attentionCount = 0;

  /** Opens the account's files, making them where there are none. Nothing is sent before `start`. */
  static async open(parts: AccountParts): Promise<Account> {
    const makeId = () => makeUuidV7(parts.clock.now(), parts.random.bytes(10));
    const outbox = parts.files.openOutbox(parts.clock.now(), makeId);
    // The cache's events begin before the account is made; nothing of them is lost, since views ask afterwards.
    let account: Account | null = null;
    let wasRebuilt = false;
    try {
      const lease = new CacheLease(outbox.settings, parts.clock);
      const isLeaseOver = lease.isOver();
      // Before anything is opened, so that what cannot be deleted is not read either.
      if (isLeaseOver) parts.files.threads.dropKey();
      const cache = await Cache.open({
        threads: parts.files.threads,
        room: parts.files.room,
        readLocal: () => localCopy(outbox),
        events: {
          onRebuilt: () => {
            wasRebuilt = true;
            account?.cacheRebuilt();
          },
          onChanged: (subjects) => account?.rowsChanged(subjects),
          onSwapped: () => account?.swapped(),
        },
      });
      account = new Account(parts, outbox, cache, lease);
      if (wasRebuilt && !isLeaseOver) account.cacheRebuilt();
      // Before anybody reads.
      await account.#keepLease();
      return account;
    } catch (error) {
      outbox.close();
      await parts.files.room.close();
      throw error;
    }
  }

  private constructor(parts: AccountParts, outbox: Outbox, cache: Cache, lease: CacheLease) {
    const { clock, random, logger, relayUrl, agentId } = parts;
    this.#parts = parts;
    this.relayUrl = relayUrl;
    this.agentId = agentId;
    this.outbox = outbox;
    this.room = parts.files.room;
    this.#cache = cache;
    this.#changed = new ChangedSubjects(clock, CHANGED_INTERVAL_MS, (subjects) => parts.push('changed', { subjects }));
    this.#seen = new SeenPositions(outbox.settings, cache);
    this.#pushStatus = new Coalescer(clock, STATUS_INTERVAL_MS, () => parts.push('status', this.status()));
    const makeId = () => makeUuidV7(clock.now(), random.bytes(10));
    this.#notices = new Notices(outbox.settings, makeId, () => this.#pushStatus.poke());
    const relayClock = new RelayClock(clock);
    this.#lease = lease;
    this.#http = new RelayHttp(relayUrl, parts.fetch, clock);
    this.#tokens = new TokenKeeper(this.#http, outbox.session, clock);
    this.#presence = new PresenceBoard({ agentId, clock, send: (ephemeral) => this.#sync.sendEphemeral(ephemeral) });
    this.#flow = new CommandFlow({
      commands: outbox.commands,
      uploader: new Uploader(this.#http, outbox.files, this.#tokens),
      clock,
      relayNow: () => relayClock.now(),
      events: {
        onGone: (commandIds) =>
          this.#background(Promise.all([cache.removePending(commandIds), this.#erased.ended(commandIds)])),
        onDeclined: (command) => this.context.drafts.declined(command),
        onRefused: (commandId, blocked) => this.#background(this.#refused([commandId, ...blocked])),
        onCounts: () => this.#countsChanged(),
      },
    });
    this.#erased = new ErasedSubjects({
      ...{ outbox, relayNow: () => relayClock.now() },
      list: () => ask(this.context, 'erasures', {}),
      onForgotten: (conversationIds) => this.#background(this.#forgotten(conversationIds)),
    });
    this.#sync = new SyncClient({
      ...{ relayUrl, cache, outbox, clock, relayClock, random, logger },
      lease: this.#lease,
      connect: parts.connect,
      flow: this.#flow,
      tokens: this.#tokens,
      onStatus: () => this.#pushStatus.poke(),
      onBegin: () => this.#presence.forgetOthers(),
      onFrame: (frame) => this.#background(this.#announceArrivals(frame)),
      onEphemeral: (ephemeral) => {
        this.#presence.hear(ephemeral);
        parts.onEphemeral(ephemeral);
      },
      onOnline: () => {
        this.#presence.sayAgain();
        this.context.drafts.online();
        this.#background(this.#erased.follow());
      },
      onUpdateNeeded: () => this.#notices.addUnlessThere('update-needed'),
      onSignedOut: (reason) => parts.push('signedOut', { reason }),
      onOtherHistory: (sharedUpTo) => {
        this.#background(this.#seen.shareUpTo(sharedUpTo));
        this.#flow.forgetQuiet();
        this.context.drafts.giveAllAgain();
      },
      onReclaimed: (commandIds) => {
        this.#flow.drop(commandIds);
        this.#background(this.refreshAttention());
      },
    });
    this.#attentionCount = outbox.commands.listRefused().length;
    if (outbox.damagedFile !== null) {
      logger.warn(
        { file: outbox.damagedFile },
        'the outbox file was damaged; it was moved aside, and an empty one begun',
      );
      this.#notices.add('outbox-damaged');
    }
    const outlet = {
      enqueue: (entry: Parameters<CommandFlow['enqueue']>[0]) => this.#flow.enqueue(entry, this.#sync.isOnline),
      undo: (commandId: string) => this.#flow.undo(commandId),
    };
    const relayNow = () => relayClock.now();
    const desk = new CommandDesk({ cache, outbox, outlet, clock, relayNow });
    const isErased = (subject: SubjectRef) => this.#erased.has(subject);
    this.context = {
      ...{ agentId, cache, outbox, outlet, clock, random, relayNow, desk, isErased, makeId },
      drafts: new DraftDesk({
        ...{ agentId, cache, outbox, desk, outlet, clock, isErased, makeId },
        isOnline: () => this.#sync.isOnline,
        onChanged: (conversationId) => parts.push('draftChanged', { conversationId }),
        background: (work) => this.#background(work),
      }),
      relay: {
        isOnline: () => this.#sync.isOnline,
        fetch: (subject, before, limit) => this.#sync.fetch(subject, before, limit),
        download: async (fileId) => this.#http.download(fileId, await this.#tokens.accessToken()),
        sendEphemeral: (ephemeral) => this.#sync.sendEphemeral(ephemeral),
      },
      presence: this.#presence,
      incomingFiles: new IncomingFiles(outbox.files),
      refreshAttention: () => this.refreshAttention(),
    };
  }

  /** Begins to sync. @param grant what a sign-in brought, if there was one just now */
  start(grant: Grant | null): void {
    if (grant !== null) this.#tokens.adopt(grant);
    this.#stopWakeWatch();
    this.#stopWakeWatch = watchForWaking(this.#parts.clock, () => this.#sync.hint());
    this.#sync.start();
    this.#background(this.#erased.follow());
    this.room.watch(() => this.#roomChanged());
    this.#pruneLater();
  }

  status(): SyncStatus {
    const oldest = this.#flow.oldestWaitingAt;
    return {
      ...this.#sync.status,
      pendingCount: this.#flow.waitingCount,
      oldestPendingAt: oldest === null ? null : oldest - this.context.relayNow() + this.#parts.clock.now(),
      attentionCount: this.#attentionCount,
      storage: this.room.isLow ? 'full' : 'ok',
      notice: this.#notices.current,
    };
  }

  /** False once the relay ended the sign-in, also after a restart, until somebody signs in again. */
  get isSignedIn(): boolean {
    return this.outbox.session.get() !== null;
  }

  setOnline(isOnline: boolean): void {
    this.#sync.setOnline(isOnline);
  }

  networkBack(): void {
    this.#sync.networkBack();
  }

  dismissNotice(id: string): void {
    this.#notices.dismiss(id);
  }

  /** Whether there is anything that the relay has not got. */
  hasUnsent(): boolean {
    return this.#flow.waitingCount > 0;
  }

  /** The cache has rows that it did not have, or has them no more. */
  rowsChanged(subjects: readonly string[]): void {
    if (tellOfErasures(subjects)) this.#background(this.#erased.follow());
    this.context.drafts.noticed(subjects);
    this.#changed.add(subjects);
  }

  /** The cache is another, whole one. */
  swapped(): void {
    this.#background(this.#seen.swapped());
    this.#background(this.#erased.follow());
    this.context.drafts.noticed([EVERYTHING]);
    this.#changed.add([EVERYTHING]);
  }

  /** The cache began anew: says so once, and fetches again. */
  cacheRebuilt(): void {
    this.#parts.logger.warn({}, 'the cache could not be used; it is fetched again');
    this.#notices.add('cache-rebuilt');
    this.#sync.restart('cache-rebuilt');
    this.#changed.add([EVERYTHING]);
  }

  /** Deletes a cache that was without word from the relay for too long, and goes on watching (SYNC-V3). */
  async #keepLease(): Promise<void> {
    this.#cancelLeaseWatch = this.#parts.clock.after(LEASE_WATCH_MS, () => this.#background(this.#keepLease()));
    if (!this.#lease.isOver()) return;
    this.#parts.logger.warn({}, 'there was no word from the relay for too long; the cache is deleted');
    if (!(await this.#sync.dropCache())) return;
    this.#lease.end();
    this.#notices.add('lease-over');
    this.#changed.add([EVERYTHING]);
  }

  async refreshAttention(): Promise<void> {
    const refused = refusedOf(this.outbox);
    this.#attentionCount = refused.length;
    await this.#cache.setRefused(refused);
    this.#countsChanged();
    this.#changed.add(refused.flatMap(({ subjects }) => subjects));
  }

  async close(): Promise<void> {
    await this.#stop();
    await this.#cache.close();
    await this.#closeOutbox();
  }

  /** Ends the session at the relay as far as it can be reached, and deletes the cache. What was not sent stays. */
  async signOut(): Promise<void> {
    const token = await this.#tokens.accessToken().catch(() => null);
    // First, or the end of the session would be taken for a revocation.
    await this.#stop();
    if (token !== null) await this.#http.signOut(token).catch(() => undefined);
    // Each also when the one before it fails.
    try {
      await this.#cache.remove().finally(() => this.outbox.session.clear());
    } finally {
      await this.#closeOutbox();
    }
  }

  async #closeOutbox(): Promise<void> {
    this.outbox.close();
    await this.room.close();
  }

  async #stop(): Promise<void> {
    this.#cancelLeaseWatch();
    this.#stopWakeWatch();
    this.#cancelPrune();
    this.#presence.close();
    await this.context.drafts.close();
    await this.#sync.close();
    this.#flow.close();
    this.#changed.close();
    this.#pushStatus.close();
  }

  async #forgotten(conversationIds: readonly string[]): Promise<void> {
    for (const conversationId of conversationIds) await this.#cache.setDraft(conversationId, null);
    await this.refreshAttention();
  }

  async #refused(commandIds: string[]): Promise<void> {
    await this.#erased.ended(commandIds).catch(() => undefined);
    // In this order, or the text would be nowhere in between.
    await this.refreshAttention();
    await this.#cache.removePending(commandIds);
  }

  /** What is read stays as it is; what comes from the relay goes on where it stopped (SYNC-F1). */
  #roomChanged(): void {
    const { isLow } = this.room;
    this.#parts.logger.warn({ isLow }, isLow ? 'the disk is full' : 'the disk has room again');
    if (!isLow) this.#sync.restart('room-again');
    this.#pushStatus.poke();
  }

  /** A console may run for weeks. */
  #pruneLater(): void {
    this.#cancelPrune();
    this.#cancelPrune = this.#parts.clock.after(PRUNE_EVERY_MS, () => {
      this.#background(this.#prune());
      this.#pruneLater();
    });
  }

  async #prune(): Promise<void> {
    // By the relay's clock, as it is known while there is contact: this machine's may be years ahead.
    const { isOnline } = this.#sync;
    if (isOnline) this.outbox.prune(this.context.relayNow());
    await Promise.all([this.#cache.prune(), this.#erased.follow(), isOnline && this.#seen.prune()]);
  }

  #countsChanged(): void {
    this.#parts.push('outbox', { pendingCount: this.#flow.waitingCount, attentionCount: this.#attentionCount });
    this.#pushStatus.poke();
  }

  async #announceArrivals(frame: AppliedFrame | null): Promise<void> {
    const arrivals = frame === null ? [] : arrivalsIn(frame);
    if (arrivals.length === 0) return;
    for (const arrived of await ask(this.context, 'arrivals', { arrivals })) this.#parts.push('arrived', arrived);
  }

  /** Work that nobody waits for. What fails here fails for a view as well, where it is said. */
  #background(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!(error instanceof AppError)) this.#parts.logger.warn({ err: error }, 'background work failed');
    });
  }
}
