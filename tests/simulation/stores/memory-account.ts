import type { SubjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import { Account, type AccountParts } from '../../../src-main/core/account.ts';
import { CacheReader } from '../../../src-main/core/cache/cache-reader.ts';
import type { CacheThreads } from '../../../src-main/core/cache/cache-threads.ts';
import { InlineLink } from '../../../src-main/core/cache/thread-link.ts';
import { WriterHost } from '../../../src-main/core/cache/writer-host.ts';
import { noRoomKept } from '../../../src-main/core/disk-room.ts';
import { MemoryCachePlace } from './memory-cache.ts';
import type { MemoryDisk } from './memory-disk.ts';
import { MemoryOutbox } from './memory-outbox.ts';
import { type MemoryQueries, MemoryReaderStore, type MemoryView, type SeenSubject } from './memory-reader.ts';

export interface MemoryAccount {
  account: Account;
  /** A subject as the agent sees it at this moment. @throws AppError `retry` while the cache is being exchanged */
  see(subject: SubjectRef): SeenSubject;
}

/** The writer's thread, which says what it is at, so that commit points have names. */
class WriterLink extends InlineLink<WriterHost> {
  readonly #disk: MemoryDisk;

  constructor(disk: MemoryDisk, target: WriterHost) {
    super(target);
    this.#disk = disk;
  }

  override call: InlineLink<WriterHost>['call'] = (name, ...args) => {
    this.#disk.task = name;
    return super.call(name, ...args);
  };
}

/**
 * A whole account (cache, outbox, command desk, flow, sync) on a disk in memory. As with files, nothing is sent before
 * `account.start`.
 * @param queries more of what `account.context.cache.query` answers
 */
export async function openMemoryAccount(
  disk: MemoryDisk,
  parts: Omit<AccountParts, 'files'>,
  queries: MemoryQueries = {},
): Promise<MemoryAccount> {
  const { agentId } = parts;
  const place = new MemoryCachePlace(disk, agentId);
  const reader = new CacheReader(() => new MemoryReaderStore(disk, { see, ...queries }), agentId);
  const threads: CacheThreads = {
    startWriter: () => new WriterLink(disk, new WriterHost(place, agentId)),
    startReader: () => new InlineLink(reader),
    startCheck: () => new InlineLink({ check: () => disk.cache.current?.isDamaged !== true }),
    dropKey: () => undefined,
  };
  const account = await Account.open({
    ...parts,
    files: {
      openOutbox: (now, makeId) => new MemoryOutbox(disk, now, makeId),
      threads,
      room: noRoomKept,
    },
  });
  return { account, see: (subject) => reader.query('see', { subject }) as SeenSubject };
}

function see(view: MemoryView, { subject }: { subject: SubjectRef }): SeenSubject {
  return view.see(subject);
}
