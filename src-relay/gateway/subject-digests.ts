import { digestOfSubject } from '../../shared/domain/subject/subject-digest.ts';
import type { ItemRow, SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { Clock } from '../../shared/primitives/clock.ts';
import type { FromRelay } from '../../shared/relay-protocol/from-relay.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { AgentSession } from './agent-session.ts';
import type { RootIndex } from './root-index.ts';

/** Subjects that are read for each tick, for all consoles together: in turn, so that every one comes up. */
export const DIGESTS_PER_TICK = 60;
const TOLD_PER_TICK = 20;

type SubjectDigest = FromRelay['digests']['subjects'][number];

/**
 * Tells consoles what some of the subjects that they hold ought to look like (SYNC-D4): of damaged pages, one in eight
 * passes every check that SQLite has.
 */
export class SubjectDigests {
  readonly #parts: { eventLog: EventLog; index: RootIndex; clock: Clock; perTick: number };
  #turn: Iterator<SubjectRef>;
  #digests: SubjectDigest[] = [];

  constructor(parts: { eventLog: EventLog; index: RootIndex; clock: Clock; perTick: number }) {
    this.#parts = parts;
    this.#turn = parts.index.inTurn();
  }

  /** Reads the next ones. @throws what the log throws */
  async read(): Promise<void> {
    const digests: SubjectDigest[] = [];
    const { eventLog, index, clock, perTick } = this.#parts;
    const count = Math.min(perTick, index.size);
    for (let read = 0; read < count; read += 1) {
      // Nobody is in a hurry for this: whatever else is to be done comes first.
      await new Promise<void>((resolve) => clock.after(0, resolve));
      const { value: subject, done } = this.#turn.next();
      if (done === true) {
        this.#turn = index.inTurn();
        break;
      }
      const snapshot = await eventLog.readSnapshot(subject);
      if (snapshot === null) continue;
      const items = snapshot.items as unknown as { table: string; row: ItemRow }[];
      digests.push({
        subject,
        asOf: snapshot.asOf,
        // Of a subject without items there is no place from where on they would have to be held.
        fromPosition: snapshot.isComplete ? 0 : (items[0]?.row.position ?? 0),
        digest: digestOfSubject(snapshot.root, items),
      });
    }
    this.#digests = digests;
  }

  /** Those of the present ones that the console of the session holds. */
  for(session: AgentSession): SubjectDigest[] {
    const { index } = this.#parts;
    const held: SubjectDigest[] = [];
    for (const digest of this.#digests) {
      const subject = digest.subject as SubjectRef;
      if (held.length < TOLD_PER_TICK && session.view.holds(subject, index.get(subject))) held.push(digest);
    }
    return held;
  }
}
