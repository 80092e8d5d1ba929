import type { RootRow } from '../../shared/domain/subject/subject-kind.ts';
import { subjectRef } from '../../shared/domain/subject/subject-kind.ts';
import { AppError } from '../../shared/errors.ts';
import type { Clock, Random } from '../../shared/primitives/clock.ts';
import { makeUuidV7 } from '../../shared/primitives/uuid-v7.ts';
import { deriveId } from '../event-log/derived-id.ts';
import type { EventLog, Submitter } from '../event-log/event-log.ts';

interface CommandDeskOptions {
  eventLog: Pick<EventLog, 'submit' | 'read' | 'listRoots'>;
  clock: Clock;
  random: Random;
  by: Submitter;
  /** The request's `Idempotency-Key`: the same one makes the same ids, so that a repeated request adds nothing twice. */
  idempotencyKey: string | null;
}

/** Reads and writes subjects for one request of an administrator. */
export class CommandDesk {
  readonly #options: CommandDeskOptions;

  constructor(options: CommandDeskOptions) {
    this.#options = options;
  }

  read<Root extends RootRow>(kind: string, id: string): Root | null {
    return this.#options.eventLog.read<Root>(subjectRef(kind, id)).root();
  }

  async list<Root extends RootRow>(kind: string): Promise<Root[]> {
    return (await this.#options.eventLog.listRoots(kind)) as Root[];
  }

  /** An id for something new of this kind. */
  newId(kind: string): string {
    const { idempotencyKey, clock, random } = this.#options;
    if (idempotencyKey !== null) return deriveId('admin', idempotencyKey, kind);
    return makeUuidV7(clock.now(), random.bytes(10));
  }

  /** @returns the command's output, if it has one. @throws AppError with the relay's refusal */
  async submit(type: string, args: unknown, base?: unknown): Promise<unknown> {
    const { eventLog, clock, random, by } = this.#options;
    const id = makeUuidV7(clock.now(), random.bytes(10));
    const command = { id, type, v: 1, args, ...(base === undefined ? {} : { base }) };
    const result = await eventLog.submit({ command, by, isDelayed: false });
    if (!result.ok) throw AppError.fromBody(result.error);
    return result.output;
  }

  /** Writes a subject of a simple kind: with `was`, only if nobody changed it meanwhile. @returns the row as it is now */
  async put<Root extends RootRow>(
    kind: string,
    id: string,
    fields: Omit<Root, keyof RootRow>,
    was: Root | null,
  ): Promise<Root> {
    await this.submit(`${kind}.put`, { id, fields }, was === null ? undefined : { asOf: was.asOf });
    return this.read<Root>(kind, id)!;
  }

  async remove(kind: string, id: string): Promise<void> {
    await this.submit(`${kind}.delete`, { id });
  }
}

/** The row without what every row has, to be put again with changes. */
export function fieldsOf<Root extends RootRow>(row: Root): Omit<Root, keyof RootRow> {
  const { id: _id, asOf: _asOf, bornSeq: _bornSeq, ...fields } = row;
  return fields;
}
