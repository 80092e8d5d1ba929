import type { ErrorBody } from '../../../shared/errors.ts';
import type { Ephemeral } from '../../../shared/domain/presence/ephemeral.ts';
import type { Clock } from '../../../shared/primitives/clock.ts';
import type { CommandResult } from '../../../shared/relay-protocol/commands.ts';
import type { FromRelay, Welcome } from '../../../shared/relay-protocol/from-relay.ts';
import type { Hello } from '../../../shared/relay-protocol/to-relay.ts';
import type { Cache } from '../cache/cache.ts';
import type { AppliedFrame } from '../cache/given-frame.ts';
import type { CacheLease } from './cache-lease.ts';
import type { RelayClock } from './relay-clock.ts';
import type { ConnectRelay } from './relay-link.ts';

/** Why a session ended. */
export interface SessionEnd {
  /** What the relay said, or what is wrong here; null when the network broke. */
  error: ErrorBody | null;
  /** The relay's wish, for how long to stay away. */
  afterMs: number | null;
  /** For the log. */
  reason: string;
}

export interface SyncSessionParts {
  id: string;
  relayUrl: string;
  accessToken: string;
  connect: ConnectRelay;
  cache: Cache;
  clock: Clock;
  relayClock: RelayClock;
  lease: CacheLease;
  hello: Pick<Hello, 'device' | 'ackedN' | 'newest'>;
  onWelcome(welcome: Welcome): void;
  /** The relay has heard all it needs to begin: from now on it answers. What it says meanwhile waits until this is done. */
  onReady(welcome: Welcome): Promise<void>;
  /** The cache is at the relay's head: for the first time in this session, or again after `onBehind`. */
  onHead(): void;
  /** Frames come, but the relay is ahead and stays ahead. */
  onBehind(): void;
  /** How far the relay is, whenever it says so. */
  onRelayHead(head: number): void;
  /** The cursor moved. `frame` is what was applied, null after a snapshot. */
  onCursor(cursor: number, frame: AppliedFrame | null): void;
  /** @param remaining changes, or subjects of a snapshot, that are still to come */
  onProgress(progress: number, remaining: number): void;
  onResults(results: CommandResult[]): void;
  onEphemeral(ephemeral: Ephemeral): void;
  onDigests(digests: FromRelay['digests']): void;
  /** Called once, and nothing after it. */
  onEnd(end: SessionEnd): void;
}
