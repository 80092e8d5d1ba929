import fs from 'node:fs';
import { kindOf, subjectKinds } from '../../shared/domain/registry.ts';
import type { SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { Frame } from '../../shared/relay-protocol/frames.ts';
import { CacheFolder } from '../../src-main/core/cache/cache-folder.ts';
import { CacheReader } from '../../src-main/core/cache/cache-reader.ts';
import type { CachePlace } from '../../src-main/core/cache/cache-store.ts';
import type { CacheView } from '../../src-main/core/cache/cache-view.ts';
import type { ReaderStore } from '../../src-main/core/cache/reader-store.ts';
import { SqliteReaderStore } from '../../src-main/core/cache/sqlite-reader-store.ts';
import { WriterHost } from '../../src-main/core/cache/writer-host.ts';
import { openEncryptedDatabase } from '../../src-main/core/encrypted-database.ts';
import { EPOCH, SESSION } from '../fakes/cache-rig.ts';
import { TEST_KEYS, makeFolder } from '../fakes/console-process.ts';
import { MemoryCachePlace } from '../simulation/stores/memory-cache.ts';
import { MemoryDisk } from '../simulation/stores/memory-disk.ts';
import { MemoryReaderStore, type MemoryView, type SeenSubject } from '../simulation/stores/memory-reader.ts';

/** One kind of cache: its place, its reader, and what becomes of it. */
export interface CacheDisk {
  open(): { place: CachePlace; openReader: () => ReaderStore };
  kill(): void;
  damage(): void;
}

export interface CacheHarness {
  name: string;
  make(): CacheDisk;
}

export const cacheHarnesses: CacheHarness[] = [
  {
    name: 'SQLite',
    make: () => {
      let path = makeFolder('liendesk-cache-');
      const open = (file: string, mode: 'read' | 'write') => openEncryptedDatabase(file, TEST_KEYS.cache, mode);
      return {
        open: () => {
          const place = new CacheFolder(path, open, 'lan');
          return { place, openReader: () => new SqliteReaderStore(place.openReader(), { see: seeInSql }) };
        },
        kill: () => {
          const copy = makeFolder('liendesk-cache-');
          fs.cpSync(path, copy, { recursive: true, filter: (source) => !source.endsWith('-shm') });
          path = copy;
        },
        damage: () => fs.writeFileSync(`${path}/cache.db`, 'noise '.repeat(10_000)),
      };
    },
  },
  {
    name: 'memory',
    make: () => {
      const disk = new MemoryDisk();
      const see = (view: MemoryView, subject: SubjectRef) => view.see(subject);
      return {
        open: () => ({
          place: new MemoryCachePlace(disk, 'lan'),
          openReader: () => new MemoryReaderStore(disk, { see }),
        }),
        kill: () => disk.crash(),
        damage: () => disk.loseCache('damaged'),
      };
    },
  },
];

function seeInSql(view: CacheView, subject: SubjectRef): SeenSubject {
  const items = (kindOf(subject)?.tables ?? []).flatMap(({ name, role }) =>
    role === 'root'
      ? []
      : view
          .find({
            table: name,
            anyOf: [view.itemsOf(subject)],
            orderBy: [{ column: 'position', isDescending: false }],
            limit: 1000,
          })
          .map(({ row, commandId }) => ({ table: name, row, commandId })),
  );
  return { root: view.overlay.reader(subject).root(), items } as SeenSubject;
}

/** Writer and reader of one process. */
export class CacheProcess {
  readonly writer: WriterHost;
  readonly reader: CacheReader;
  readonly state: string;

  constructor(disk: CacheDisk) {
    const { place, openReader } = disk.open();
    this.writer = new WriterHost(place, 'lan');
    this.reader = new CacheReader(openReader, 'lan');
    const { state, wasUnclean } = this.writer.open();
    this.state = wasUnclean ? `${state}, not closed` : state;
    this.reader.open();
  }

  apply(frame: Partial<Frame>): ReturnType<WriterHost['applyFrame']> {
    const from = frame.from ?? this.writer.position().cursor;
    const to = frame.to ?? frame.events?.at(-1)?.seq ?? from;
    const whole = { session: SESSION, leave: [], enter: [], events: [], ...frame, from, to } as unknown as Frame;
    return this.writer.applyFrame(whole, EPOCH, 5);
  }

  see(subject: SubjectRef): SeenSubject {
    return this.reader.query('see', subject) as SeenSubject;
  }

  texts(conversationId: string): string[] {
    return this.see(`conversation:${conversationId}`).items.map(({ row }) => (row as unknown as { text: string }).text);
  }

  /** Everything there is to be known. */
  everything(): unknown {
    const held = subjectKinds.flatMap(({ name }) => this.writer.heldIds(name, '', 1000).map((id) => `${name}:${id}`));
    return {
      position: this.writer.position(),
      digest: this.writer.heldDigest(),
      held,
      dirty: this.writer.dirtySubjects(100),
      seen: [...held, 'conversation:k9'].map((subject) => this.see(subject as SubjectRef)),
    };
  }

  close(): void {
    this.reader.close();
    this.writer.close();
  }
}
