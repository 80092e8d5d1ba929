import { mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Lineage } from '../event-log/event-log.ts';

/** Lies in a backup and beside it, and beside the backups that the relay makes by itself. */
export const ERASED_LIST_NAME = 'erased.jsonl';

const entrySchema = z.object({
  subject: z.string(),
  /** Epoch ms, for people. */
  at: z.number(),
  /** Of the event that erased it, in which lineage of the log; where a list does not say it, it is erased again. */
  seq: z.number().int().default(0),
  epoch: z.string().default(''),
  /** The lineage that the whole log began with: relays may keep their backups side by side, and so share a list. */
  log: z.string().default(''),
});

/** A subject that was erased. */
export type ErasedEntry = z.infer<typeof entrySchema>;

/** The lineages of a log, oldest first, and its newest seq. */
interface History {
  lineages: readonly Lineage[];
  head: number;
}

/** What was erased, with the lineage in which it was, and that of the log. */
export function withEpochs(
  erased: readonly Pick<ErasedEntry, 'subject' | 'at' | 'seq'>[],
  lineages: readonly Lineage[],
): ErasedEntry[] {
  const log = logOf(lineages);
  return erased.map(({ subject, at, seq }) => {
    const epoch = lineages.findLast(({ since }) => since < seq)?.epoch ?? '';
    return { subject, at, seq, epoch, log };
  });
}

/** Of a list, what is not another log's: two shops may know different people under one id. */
export function entriesOfLog(entries: readonly ErasedEntry[], lineages: readonly Lineage[]): ErasedEntry[] {
  const own = logOf(lineages);
  return own === '' ? [...entries] : entries.filter(({ log }) => log === '' || log === own);
}

/** '' where it is not known any more: of very many lineages the oldest are forgotten. */
function logOf([first]: readonly Lineage[]): string {
  return first?.since === 0 ? first.epoch : '';
}

/**
 * Adds to the list in a folder of what was erased: a backup that was made before brings it all back, and is to be rid of
 * it again (SYNC-L7). Ids and times, nothing else. What the list has already is not added.
 * @throws what the file system says
 */
export async function rememberErased(folder: string, entries: readonly ErasedEntry[]): Promise<void> {
  const known = new Set((await readErasedList(folder))?.map(keyOf));
  const news = entries.filter((entry) => !known.has(keyOf(entry)));
  if (news.length === 0) return;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const handle = await open(path.join(folder, ERASED_LIST_NAME), 'a', 0o600);
  try {
    // On a line of its own, also behind one that was torn.
    await handle.appendFile(`\n${news.map((entry) => `${JSON.stringify(entry)}\n`).join('')}`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * The list in a folder, null where there is none; a line that was torn is left out.
 * @throws what the file system says of a list that is there and cannot be read: it may name somebody
 */
export async function readErasedList(folder: string): Promise<ErasedEntry[] | null> {
  try {
    const text = await readFile(path.join(folder, ERASED_LIST_NAME), 'utf8');
    return text.split('\n').flatMap(readLine);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Of what was erased, what a log does not know of: what was erased after its head, or in a history that is not its own.
 * By place in the log: the clock may have been set back.
 */
export function erasedBeyond(entries: readonly ErasedEntry[], { lineages, head }: History): string[] {
  const beyond = entries.filter(({ seq, epoch }) => {
    const place = lineages.findIndex((lineage) => lineage.epoch === epoch);
    // Of a lineage stays what came before each later one began.
    return place === -1 || seq > Math.min(head, ...lineages.slice(place + 1).map(({ since }) => since));
  });
  return [...new Set(beyond.map(({ subject }) => subject))];
}

/** Whether a list is not of this log, or was not kept up: it lacks something that the log erased. */
export function lacksSome(entries: readonly ErasedEntry[], erased: readonly Pick<ErasedEntry, 'subject'>[]): boolean {
  const listed = new Set(entries.map(({ subject }) => subject));
  return erased.some(({ subject }) => !listed.has(subject));
}

function keyOf({ subject, seq, epoch }: ErasedEntry): string {
  return `${epoch} ${seq} ${subject}`;
}

function readLine(line: string): ErasedEntry[] {
  try {
    return [entrySchema.parse(JSON.parse(line))];
  } catch {
    return [];
  }
}
