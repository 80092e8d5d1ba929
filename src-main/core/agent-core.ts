import fs from 'node:fs';
import type { CorePushName, CorePushes } from '../../shared/core-api/pushes.ts';
import type { FromCoreFrame, Port, ToCoreFrame } from '../../shared/core-api/port.ts';
import type { CoreInput, CoreOutput, CoreParsedInput, CoreRequestName } from '../../shared/core-api/requests.ts';
import type { SyncStatus } from '../../shared/core-api/views.ts';
import { AppError } from '../../shared/errors.ts';
import type { Clock, Random } from '../../shared/primitives/clock.ts';
import { makeUuidV7 } from '../../shared/primitives/uuid-v7.ts';
import { Account } from './account.ts';
import { openAccountFolder, removeOtherCaches } from './account-files.ts';
import { ConsoleFile, type LastAccount } from './console-file.ts';
import { lockDataFolder } from './data-folder-lock.ts';
import { withRoom } from './disk-room.ts';
import { type FeatureContext, ask } from './features/feature-context.ts';
import { featureHandlers, ownWork } from './features/handlers.ts';
import type { ViewQueries } from './features/view-queries.ts';
import { withPresence } from './features/workspace.ts';
import { type RouterParts, routeFrame } from './request-router.ts';
import type { ConsoleKeys } from './local-keys.ts';
import { contentOf } from './outbox/draft-store.ts';
import { ShownInWindow } from './shown-in-window.ts';
import { asStorageFault } from './storage-fault.ts';
import { type Fetch, RelayHttp } from './sync/relay-http.ts';
import type { ConnectRelay } from './sync/relay-link.ts';
import { connectSocket } from './sync/socket-link.ts';
import type { SyncLog } from './sync/sync-client.ts';

export interface CoreLogger extends SyncLog {
  error(fields: object, message: string): void;
}

export interface AgentCoreOptions {
  /** Folder of everything this console keeps; made where there is none. */
  dataDir: string;
  keys: ConsoleKeys;
  clock: Clock;
  random: Random;
  logger: CoreLogger;
  /** Where somebody who signs in here is expected to. Left out: where whoever was here last did. */
  relayUrl?: string;
  /** Signs in by itself when nobody, or somebody else, is signed in. Tried again while the relay cannot be reached. */
  signIn?: SignIn;
  /** Entry of the worker threads; null runs everything in the calling thread. Left out: the source beside this file. */
  workerScript?: URL | null;
  /** Size of the file that keeps room on the disk for the worst; 0 for none. Left out: 16 MB. */
  ballastBytes?: number;
  /** For tests and simulations; left out: Socket.IO and HTTP. */
  connect?: ConnectRelay;
  fetch?: Fetch;
}

export type SignIn = CoreInput<'session.signIn'>;

/** The console without a window: what every host runs, and all that hosts see of it. */
export interface AgentCore {
  /** Serves a view until its port closes. */
  attach(port: Port<FromCoreFrame, ToCoreFrame>): void;
  /** Ends the sync and closes all files. What was not sent is sent next time. */
  close(): Promise<void>;
}

const BALLAST_BYTES = 16 * 1024 * 1024;
const SIGN_IN_RETRY_MS = 2000;
/** How long a sign-in waits for the first rows, so that the view knows at once who is signed in. */
const FIRST_ROWS_WITHIN_MS = 10_000;
const FIRST_ROWS_POLL_MS = 50;

/**
 * Opens the console's files, resumes the last sign-in, and begins to sync.
 * @throws AppError `incompatible` or `storage` when the files cannot be used, `conflict` (`data-folder-in-use`) when
 * another core uses them
 */
export async function createAgentCore(options: AgentCoreOptions): Promise<AgentCore> {
  fs.mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
  const unlock = lockDataFolder(options.dataDir);
  try {
    const core = new Core(options, unlock);
    await core.resume();
    return core;
  } catch (error) {
    unlock();
    throw asStorageFault(error) ?? error;
  }
}

type OwnRequest = Extract<CoreRequestName, `session.${string}` | `sync.${string}` | `setting.${string}`>;
type OwnHandlers = { [Name in OwnRequest]: (input: CoreParsedInput<Name>) => Promise<CoreOutput<Name>> };

class Core implements AgentCore {
  readonly #options: AgentCoreOptions;
  readonly #unlock: () => void;
  readonly #console: ConsoleFile;
  readonly #ports = new Set<Port<FromCoreFrame, ToCoreFrame>>();
  readonly #own: OwnHandlers;
  #account: Account | null = null;
  /** Signing in and out happen one after the other. */
  #changes: Promise<unknown> = Promise.resolve();
  #signedOutSince: number;
  #cancelSignIn: () => void = () => undefined;
  #isClosed = false;

  constructor(options: AgentCoreOptions, unlock: () => void) {
    this.#options = options;
    this.#unlock = unlock;
    this.#signedOutSince = options.clock.now();
    this.#console = new ConsoleFile(options.dataDir, () => this.#makeId());
    this.#own = {
      'session.signIn': (input) => this.#change(() => this.#signIn(input)),
      'session.current': () => this.#describe(),
      'session.signOut': ({ force }) => this.#change(() => this.#signOut(force)),
      'sync.status': async () => this.#status(),
      'sync.setOnline': async ({ isOnline }) => {
        this.#requireAccount().setOnline(isOnline);
        return this.#status();
      },
      'sync.networkBack': async () => {
        this.#account?.networkBack();
        return {};
      },
      'sync.dismissNotice': async ({ id }) => {
        this.#account?.dismissNotice(id);
        return {};
      },
      'setting.get': async ({ key }) => ({
        value: this.#account?.outbox.settings.get(`view.${key}`) ?? this.#console.getSetting(key),
      }),
      'setting.set': async ({ key, value }) => {
        // The sign-in speaks the language of whoever was here last.
        if (this.#account === null || DEVICE_SETTINGS.has(key)) this.#console.setSetting(key, value);
        this.#account?.outbox.settings.set(`view.${key}`, value);
        return {};
      },
    };
  }

  /** Takes up where the last process ended, or signs in as told. */
  async resume(): Promise<void> {
    const { signIn } = this.#options;
    const last = this.#console.lastAccount;
    this.#removeOtherCaches(last);
    const isOther = signIn !== undefined && last !== null && !isSameSignIn(last, signIn);
    if (last !== null && !isOther) {
      const account = await this.#openAccount(last.relayUrl, last.agentId);
      if (account.outbox.session.get() !== null || signIn === undefined) {
        this.#account = account;
        account.start(null);
        return;
      }
      await account.close();
    }
    if (signIn !== undefined) await this.#keepSigningIn(signIn);
  }

  attach(port: Port<FromCoreFrame, ToCoreFrame>): void {
    if (this.#isClosed) {
      port.close();
      return;
    }
    this.#ports.add(port);
    const shown = new ShownInWindow(() => this.#account?.context.presence);
    const parts: RouterParts = {
      answer: (name, input) => (WRITES.has(name) ? this.#write(name, input, port) : this.#answer(name, input)),
      ephemeral: (name, payload) => shown.hear(name, payload),
      onMistake: (name, error) => this.#options.logger.error({ err: error, request: name }, 'a request failed'),
    };
    port.onFrame((frame) => {
      void routeFrame(frame, parts).then((reply) => {
        if (reply !== null && this.#ports.has(port)) port.send(reply);
      });
    });
    port.onClose(() => {
      this.#ports.delete(port);
      shown.close();
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelSignIn();
    await this.#changes.catch(() => undefined);
    const account = this.#account;
    this.#account = null;
    try {
      await account?.close();
    } finally {
      this.#unlock();
    }
    for (const port of [...this.#ports]) port.close();
    this.#ports.clear();
  }

  async #answer(name: CoreRequestName, input: unknown): Promise<unknown> {
    if (Object.hasOwn(this.#own, name)) {
      const own = this.#own[name as OwnRequest] as (input: unknown) => Promise<unknown>;
      return own(input);
    }
    const handler = featureHandlers[name as keyof typeof featureHandlers] as (
      context: FeatureContext,
      input: unknown,
    ) => unknown;
    const account = this.#requireAccount();
    if (!account.isSignedIn && !ownWork.has(name)) throw notSignedIn();
    return handler(account.context, input);
  }

  /** Two windows write in one box: what one saves or sends the others read, or they would save over it (INV-10). */
  async #write(name: CoreRequestName, input: unknown, from: unknown): Promise<unknown> {
    const { conversationId } = input as CoreParsedInput<'draft.save'>;
    const content = (): string => {
      const drafts = this.#account?.outbox.drafts;
      return (['reply', 'note'] as const).map((kind) => contentOf(drafts?.get(conversationId, kind))).join();
    };
    const before = content();
    const answer = await this.#answer(name, input);
    if (content() === before) return answer;
    for (const port of this.#ports) if (port !== from) port.send({ push: 'draftChanged', payload: { conversationId } });
    return answer;
  }

  async #signIn({ relayUrl, email, password }: SignIn): Promise<CoreOutput<'session.signIn'>> {
    const url = new URL(relayUrl).href.replace(/\/+$/u, '');
    const http = new RelayHttp(url, this.#fetch, this.#options.clock);
    const grant = await http.signIn(email, password, this.#console.installationId);
    const current = this.#account;
    const isSame = current?.relayUrl === url && current.agentId === grant.agentId;
    if (!isSame) {
      this.#account = null;
      await current?.close();
    }
    const account = isSame ? current : await this.#openAccount(url, grant.agentId);
    const { agentId, refreshToken } = grant;
    try {
      account.outbox.session.set({ relayUrl: url, email, agentId, refreshToken });
      withRoom(account.room, () => this.#console.setLastAccount({ relayUrl: url, agentId, email }));
    } catch (error) {
      // Left open, its files would be opened once more by the next try.
      if (!isSame) await account.close();
      throw error;
    }
    this.#removeOtherCaches({ relayUrl: url, agentId });
    this.#account = account;
    account.start(grant);
    await this.#firstRows(account);
    return this.#describe();
  }

  async #signOut(force: boolean): Promise<Record<string, never>> {
    const account = this.#requireAccount();
    if (!force && account.hasUnsent()) {
      throw new AppError('conflict', 'Not everything was sent yet.', {
        reason: 'unsent-commands',
        params: { count: account.status().pendingCount },
      });
    }
    // First: where it cannot be written nothing has happened yet.
    withRoom(account.room, () => this.#console.setLastAccount(null));
    this.#account = null;
    this.#signedOutSince = this.#options.clock.now();
    await account.signOut().catch((error: unknown) => {
      // What could not be deleted has no key any more, and is deleted by the next start.
      this.#options.logger.warn({ err: error }, 'not everything of the cache could be deleted');
    });
    this.#push('signedOut', { reason: 'signed-out' });
    this.#push('status', this.#status());
    return {};
  }

  /** Until it works or makes no sense any more; the first try is waited for. */
  async #keepSigningIn(signIn: SignIn): Promise<void> {
    try {
      await this.#change(() => this.#signIn(signIn));
    } catch (error) {
      const isPassing = error instanceof AppError && ['offline', 'retry', 'rate_limited'].includes(error.kind);
      this.#options.logger.warn({ err: error, email: signIn.email }, 'could not sign in');
      if (!isPassing || this.#isClosed) return;
      const delayMs = error.details.retryAfterMs ?? SIGN_IN_RETRY_MS * (0.5 + this.#options.random.fraction());
      this.#cancelSignIn = this.#options.clock.after(delayMs, () => {
        if (this.#account === null) void this.#keepSigningIn(signIn);
      });
    }
  }

  async #firstRows(account: Account): Promise<void> {
    const { clock } = this.#options;
    const until = clock.monotonic() + FIRST_ROWS_WITHIN_MS;
    while (clock.monotonic() < until && !this.#isClosed) {
      const { agent } = await ask(account.context, 'self', {});
      if (agent !== null || account.status().state === 'offline') return;
      await new Promise<void>((resolve) => void clock.after(FIRST_ROWS_POLL_MS, resolve));
    }
  }

  async #describe(): Promise<CoreOutput<'session.current'>> {
    const account = this.#account;
    if (account === null || !account.isSignedIn) {
      const relayUrl = this.#options.relayUrl ?? this.#console.lastAccount?.relayUrl ?? null;
      return { agent: null, workspaceName: null, relayUrl };
    }
    const { agent, workspaceName } = rememberSelf(account, await ask(account.context, 'self', {}));
    const shown = agent === null ? null : withPresence(account.context, agent);
    return { agent: shown, workspaceName, relayUrl: account.relayUrl };
  }

  #status(): SyncStatus {
    if (this.#account !== null) return this.#account.status();
    return {
      state: 'signed-out',
      since: this.#signedOutSince,
      ...{ lastOnlineAt: null, nextTryAt: null, progress: null, remaining: null, notice: null, error: null },
      ...{ cursor: 0, head: 0, pendingCount: 0, oldestPendingAt: null, attentionCount: 0, storage: 'ok' },
    };
  }

  #openAccount(relayUrl: string, agentId: string): Promise<Account> {
    const { dataDir, keys, clock, random, logger, connect } = this.#options;
    // Left out is not null, which is no threads at all.
    const { workerScript = new URL('./worker/main.ts', import.meta.url) } = this.#options;
    return Account.open({
      ...{ relayUrl, agentId, clock, random, logger },
      files: openAccountFolder({
        ...{ dataDir, relayUrl, agentId, keys, workerScript, clock, random },
        ballastBytes: this.#options.ballastBytes ?? BALLAST_BYTES,
      }),
      connect: connect ?? connectSocket,
      fetch: this.#fetch,
      push: (name, payload) => this.#push(name, payload),
      onEphemeral: (ephemeral) => this.#tell({ ephemeral: 'ephemeral', payload: ephemeral }),
    });
  }

  get #fetch(): Fetch {
    return this.#options.fetch ?? ((url, init) => fetch(url, init));
  }

  #push<Name extends CorePushName>(push: Name, payload: CorePushes[Name]): void {
    this.#tell({ push, payload });
  }

  #tell(frame: FromCoreFrame): void {
    for (const port of this.#ports) port.send(frame);
  }

  #removeOtherCaches(keep: Pick<LastAccount, 'relayUrl' | 'agentId'> | null): void {
    const { dataDir, logger } = this.#options;
    removeOtherCaches(dataDir, keep, (error, file) =>
      logger.warn({ err: error, file }, 'a cache could not be deleted'),
    );
  }

  #requireAccount(): Account {
    if (this.#account !== null) return this.#account;
    throw notSignedIn();
  }

  #change<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const run = this.#changes.then(work, work);
    this.#changes = run.catch(() => undefined);
    return run;
  }

  #makeId(): string {
    return makeUuidV7(this.#options.clock.now(), this.#options.random.bytes(10));
  }
}

/** What changes drafts, of the conversation that it names. */
const WRITES: ReadonlySet<CoreRequestName> = new Set(['draft.save', 'message.send', 'note.add']);

/** Settings that also count while nobody is signed in. */
const DEVICE_SETTINGS = new Set(['ui.language', 'ui.theme']);

const SELF_SETTING = 'core.self';

/** A cache that was lost knows nobody until it was fetched again; who is signed in here stays known. */
function rememberSelf(account: Account, found: ReturnType<ViewQueries['self']>): ReturnType<ViewQueries['self']> {
  const { settings } = account.outbox;
  const known = settings.get(SELF_SETTING) as typeof found | null | undefined;
  if (found.agent === null) return known ?? found;
  if (JSON.stringify(known) !== JSON.stringify(found)) settings.set(SELF_SETTING, found);
  return found;
}

function notSignedIn(): AppError {
  return new AppError('unauthenticated', 'Sign in first.', { reason: 'not-signed-in' });
}

function isSameSignIn(last: { relayUrl: string; email: string }, signIn: SignIn): boolean {
  const url = new URL(signIn.relayUrl).href.replace(/\/+$/u, '');
  return last.relayUrl === url && last.email.toLowerCase() === signIn.email.toLowerCase();
}
