/** Room that is kept on the disk for what must be written when nothing else can be (SYNC-F1). */
export interface DiskRoom {
  /** The room was given up, and is not back: what is here can be read, and unsent work is written, nothing else. */
  readonly isLow: boolean;
  /** A write met a full disk. @returns true when that made room, so that it can be tried again */
  giveUp(): boolean;
  /** Begins to keep it. @param onChange told when `isLow` changes */
  watch(onChange: () => void): void;
  close(): Promise<void>;
}

/** Where nobody keeps any. */
export const noRoomKept: DiskRoom = {
  ...{ isLow: false, giveUp: () => false },
  watch: () => undefined,
  close: () => Promise.resolve(),
};

/** The last two: what SQLite needs beside a file to open it could not be made. */
const FULL = new Set(['SQLITE_FULL', 'ENOSPC', 'EDQUOT', 'SQLITE_IOERR_SHMSIZE', 'SQLITE_IOERR_SHMMAP']);

/** Whether an error says that the disk is full. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && FULL.has(error.code);
}

/** Runs `work`, and once more when giving up the room made some; nothing may be left of what failed. */
export function withRoom<Answer>(room: DiskRoom, work: () => Answer): Answer {
  try {
    return work();
  } catch (error) {
    if (!isDiskFull(error) || !room.giveUp()) throw error;
    return work();
  }
}
