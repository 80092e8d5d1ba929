import fs from 'node:fs';
import path from 'node:path';
import type { Decision, FoldChange, RootRow, SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { Frame, LoggedEvent, SubjectSnapshot } from '../../shared/relay-protocol/frames.ts';
import { CacheFolder } from '../../src-main/core/cache/cache-folder.ts';
import { CacheReader } from '../../src-main/core/cache/cache-reader.ts';
import type { CacheView } from '../../src-main/core/cache/cache-view.ts';
import { SqliteReaderStore } from '../../src-main/core/cache/sqlite-reader-store.ts';
import { WriterHost } from '../../src-main/core/cache/writer-host.ts';
import { openEncryptedDatabase } from '../../src-main/core/encrypted-database.ts';
import { type ViewQueries, viewQueries } from '../../src-main/core/features/view-queries.ts';
import { makeFolder } from './console-process.ts';

export const SESSION = '01a20115-58d8-7daa-bdaf-769957897502';
export const EPOCH = '01a20115-58d8-7daa-bdaf-769957897503';
export const CACHE_RIG_KEY = 'c3'.repeat(32);

/** A command decided on what the cache shows, for tests that then apply it. */
function decide(view: CacheView, { type, args, base, id, now }: DecideInput): Decision {
  return view.overlay.decide(type, args, base, id, now);
}

export interface DecideInput {
  type: string;
  args: unknown;
  base: unknown;
  id: string;
  now: number;
}

/** A cache's writer and reader in this thread, on real files. */
export class CacheRig {
  readonly path: string;
  readonly folder: CacheFolder;
  readonly writer: WriterHost;
  readonly reader: CacheReader;

  constructor(agentId = 'lan', folder = makeFolder('liendesk-cache-')) {
    this.path = folder;
    this.folder = new CacheFolder(folder, (file, mode) => openEncryptedDatabase(file, CACHE_RIG_KEY, mode), agentId);
    this.writer = new WriterHost(this.folder, agentId);
    this.reader = new CacheReader(
      () => new SqliteReaderStore(this.folder.openReader(), { ...viewQueries, decide }),
      agentId,
    );
  }

  open(): this {
    this.writer.open();
    this.reader.open();
    return this;
  }

  close(): void {
    this.reader.close();
    this.writer.close();
  }

  apply(frame: Partial<Frame>): ReturnType<WriterHost['applyFrame']> {
    const from = frame.from ?? this.writer.position().cursor;
    const to = frame.to ?? frame.events?.at(-1)?.seq ?? from;
    const whole = { session: SESSION, leave: [], enter: [], events: [], isCatchUp: false, ...frame, from, to };
    return this.writer.applyFrame(whole, EPOCH, 0);
  }

  query<Name extends keyof ViewQueries>(
    name: Name,
    input: Parameters<ViewQueries[Name]>[1],
  ): ReturnType<ViewQueries[Name]> {
    return this.reader.query(name, input) as ReturnType<ViewQueries[Name]>;
  }

  decide(input: DecideInput): Decision {
    return this.reader.query('decide', input) as Decision;
  }

  list(view: Parameters<ViewQueries['conversation.list']>[1]['filter']['view']): string[] {
    const filter = { view, queueId: null, customerId: null };
    return this.query('conversation.list', { filter, sort: 'newest', offset: 0, limit: 200 }).items.map(({ id }) => id);
  }

  texts(conversationId: string): string[] {
    const page = this.query('message.list', { conversationId, before: null, after: null, limit: 200 });
    return page.messages.filter(({ kind }) => kind !== 'system').map(({ text }) => text);
  }

  /** Every byte that any file of the cache would give away to somebody who has the key. */
  decryptedContent(): string {
    const parts: string[] = [];
    for (const name of fs.readdirSync(this.path)) {
      if (!name.endsWith('.db')) continue;
      const database = openEncryptedDatabase(path.join(this.path, name), CACHE_RIG_KEY, 'write');
      // Rewrites the file as it is, page by page, without its encryption: freed pages and the log included.
      database.pragma('wal_checkpoint(TRUNCATE)');
      const plain = path.join(this.path, `${name}.plain`);
      fs.copyFileSync(path.join(this.path, name), plain);
      const copy = openEncryptedDatabase(plain, CACHE_RIG_KEY, 'write');
      copy.pragma('journal_mode = DELETE');
      copy.pragma("rekey = ''");
      copy.close();
      database.close();
      parts.push(fs.readFileSync(plain).toString('latin1'));
      fs.rmSync(plain);
    }
    return parts.join('\n');
  }
}

/** Changes of the log as the relay sends them. */
export function eventOf(changes: readonly FoldChange[], commandId = `event-${changes[0]?.seq}`): LoggedEvent {
  const [first] = changes;
  return {
    seq: first!.seq,
    at: first!.at,
    actor: first!.actor,
    commandId,
    changes: changes.map(({ subject, type, v, data }, index) => ({ index, subject, type, v, data })),
  };
}

export function snapshotOf(
  subject: SubjectRef,
  root: RootRow,
  items: SubjectSnapshot['items'] = [],
  rest: Partial<SubjectSnapshot> = {},
): SubjectSnapshot {
  return { subject, asOf: root.asOf, root: { ...root }, items, isComplete: true, ...rest };
}
