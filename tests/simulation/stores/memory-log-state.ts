import { subjectKinds } from '../../../shared/domain/registry.ts';
import type { ItemRow, RootRow, SubjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import type { LoggedEvent } from '../../../shared/relay-protocol/frames.ts';
import type { Delivery } from '../../../src-relay/event-log/delivery-store.ts';
import type { Lineage } from '../../../src-relay/event-log/event-log.ts';
import type { ResultRecord } from '../../../src-relay/event-log/log-storage.ts';
import type { Timer } from '../../../src-relay/event-log/timer-store.ts';
import { Journal, JournaledList, JournaledMap } from './journal.ts';

/** The few values that SQLite has in a row of their own. */
interface Meta {
  epoch: string;
  head: number;
  floor: number;
  lineages: readonly Lineage[];
  lastDeliveryNumber: number;
}

/** Everything on its way of one message. */
export interface MessageParts {
  /** Place of the message among all: that of its first part. */
  number: number;
  conversationId: string;
  /** Numbers of the parts of which the log knows what became of them. */
  reported: ReadonlySet<number>;
  parts: readonly Delivery[];
}

/** A table of items. */
export interface ItemTable {
  byId: JournaledMap<string, ItemRow>;
  /** By the id of their subject, ascending by position. A list is of one state only. */
  bySubject: JournaledMap<string, JournaledList<ItemRow>>;
}

/** What an event log has stored: plain values that nobody changes, in maps whose changes can be taken back. */
export class MemoryLogState {
  readonly journal: Journal;
  /** Not journaled: whoever opens the storage becomes its writer, whatever happens then. */
  writerGeneration: number;
  readonly events: JournaledList<LoggedEvent>;
  readonly results: JournaledMap<string, ResultRecord>;
  readonly acks: JournaledMap<string, { agentId: string; ackedN: number }>;
  readonly cursors: JournaledMap<string, number>;
  readonly fileSubjects: JournaledMap<string, readonly SubjectRef[]>;
  readonly erasedFiles: JournaledMap<string, true>;
  /** With which other one a subject is erased. */
  readonly owners: JournaledMap<SubjectRef, SubjectRef>;
  /** Each table of roots by its name. */
  readonly roots: ReadonlyMap<string, JournaledMap<string, RootRow>>;
  /** Each table of items by its name. */
  readonly items: ReadonlyMap<string, ItemTable>;
  readonly messages: JournaledMap<string, MessageParts>;
  /** By conversation: ids of messages with parts that are queued or attempting, in their order. */
  readonly openMessages: JournaledMap<string, readonly string[]>;
  /** Ids of messages of which the log does not know the outcome. */
  readonly unreported: JournaledMap<string, true>;
  /** By `channel/external id`. */
  readonly byExternalId: JournaledMap<string, { messageId: string; part: number }>;
  readonly timers: JournaledMap<string, Timer>;
  #meta: Meta;

  constructor(from: MemoryLogState | null = null, epoch = '') {
    const journal = new Journal();
    const map = <Key, Value>(of: JournaledMap<Key, Value> | undefined): JournaledMap<Key, Value> =>
      of === undefined ? new JournaledMap(journal) : of.copy(journal);
    this.journal = journal;
    this.#meta = from?.meta ?? { epoch, head: 0, floor: 0, lineages: [{ epoch, since: 0 }], lastDeliveryNumber: 0 };
    this.writerGeneration = from?.writerGeneration ?? 0;
    this.events = from?.events.copy(journal) ?? new JournaledList(journal);
    this.results = map(from?.results);
    this.acks = map(from?.acks);
    this.cursors = map(from?.cursors);
    this.fileSubjects = map(from?.fileSubjects);
    this.erasedFiles = map(from?.erasedFiles);
    this.owners = map(from?.owners);
    this.roots = new Map(namesOf('root').map((name) => [name, map(from?.roots.get(name))]));
    this.items = new Map(
      namesOf('item').map((name) => {
        const table = from?.items.get(name);
        const lists = [...(table?.bySubject.entries() ?? [])].map(([id, list]) => [id, list.copy(journal)] as const);
        return [name, { byId: map(table?.byId), bySubject: new JournaledMap(journal, lists) }];
      }),
    );
    this.messages = map(from?.messages);
    this.openMessages = map(from?.openMessages);
    this.unreported = map(from?.unreported);
    this.byExternalId = map(from?.byExternalId);
    this.timers = map(from?.timers);
  }

  get meta(): Meta {
    return this.#meta;
  }

  setMeta(changes: Partial<Meta>): void {
    const before = this.#meta;
    this.#meta = { ...before, ...changes };
    this.journal.record(() => (this.#meta = before));
  }
}

function namesOf(role: 'root' | 'item'): string[] {
  return subjectKinds.flatMap(({ tables }) => tables.flatMap((table) => (table.role === role ? [table.name] : [])));
}
