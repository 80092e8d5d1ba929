import type { CoreOutput, CoreParsedInput, CoreRequestName } from '../../../shared/core-api/requests.ts';
import type { Ephemeral } from '../../../shared/domain/presence/ephemeral.ts';
import type { SubjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import type { Clock, Random } from '../../../shared/primitives/clock.ts';
import type { Cache } from '../cache/cache.ts';
import type { OutboxCommand } from '../outbox/command-store.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { CommandDesk } from './command-desk.ts';
import type { DraftDesk } from './draft-desk.ts';
import type { IncomingFiles } from './incoming-files.ts';
import type { PresenceBoard } from './presence-board.ts';
import type { ViewQueries } from './view-queries.ts';

/** What brings commands to the relay, as features see it. */
export interface CommandOutlet {
  enqueue(command: OutboxCommand): void;
  undo(commandId: string): void;
}

/** The relay, as features see it. */
export interface RelayAccess {
  isOnline(): boolean;
  /** Brings a subject, or older items of one, into the cache. @throws AppError `offline`, or the relay's refusal */
  fetch(subject: SubjectRef, before: number | null, limit: number): Promise<void>;
  /** A whole file. @throws AppError */
  download(fileId: string): Promise<Uint8Array>;
  sendEphemeral(ephemeral: Ephemeral): void;
}

/** Everything the features of one signed-in agent work with. */
export interface FeatureContext {
  agentId: string;
  cache: Cache;
  outbox: Outbox;
  desk: CommandDesk;
  drafts: DraftDesk;
  outlet: CommandOutlet;
  relay: RelayAccess;
  presence: PresenceBoard;
  incomingFiles: IncomingFiles;
  clock: Clock;
  random: Random;
  /** Whether it was erased, and nothing of it is to be kept here. */
  isErased(subject: SubjectRef): boolean;
  /** Epoch ms by the relay, as known here. */
  relayNow(): number;
  makeId(): string;
  /** The attention list changed. */
  refreshAttention(): Promise<void>;
}

type Handler<Name extends CoreRequestName> = (
  context: FeatureContext,
  input: CoreParsedInput<Name>,
) => CoreOutput<Name> | Promise<CoreOutput<Name>>;

/** Requests that one file of features answers. */
export type Handlers<Name extends CoreRequestName> = { [One in Name]: Handler<One> };

/** Asks the reader's thread; see `view-queries.ts`. */
export async function ask<Name extends keyof ViewQueries>(
  context: FeatureContext,
  name: Name,
  input: Parameters<ViewQueries[Name]>[1] extends undefined ? Record<string, never> : Parameters<ViewQueries[Name]>[1],
): Promise<ReturnType<ViewQueries[Name]>> {
  return (await context.cache.query(name, input)) as ReturnType<ViewQueries[Name]>;
}
