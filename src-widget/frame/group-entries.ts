import type { FeedEntry } from '../../shared/widget-api/feed.ts';
import { isSameDay } from './day-and-time.ts';

/** Messages of one author within so short a time stand together. */
const GROUP_MS = 5 * 60_000;

export interface EntryGroup {
  key: string;
  author: FeedEntry['author'];
  agentName: string | null;
  entries: FeedEntry[];
  /** Set where a new day begins. */
  day: number | null;
}

export function groupEntries(entries: readonly FeedEntry[]): EntryGroup[] {
  const groups: EntryGroup[] = [];
  let previous: FeedEntry | undefined;
  for (const entry of entries) {
    const isNewDay = previous === undefined || !isSameDay(new Date(previous.at), new Date(entry.at));
    const isContinued =
      !isNewDay &&
      previous?.author === entry.author &&
      previous.agentName === entry.agentName &&
      entry.at - previous.at < GROUP_MS;
    if (isContinued) groups.at(-1)?.entries.push(entry);
    else {
      const { author, agentName, at } = entry;
      const key = entry.messageId + entry.part;
      groups.push({ key, author, agentName, entries: [entry], day: isNewDay ? at : null });
    }
    previous = entry;
  }
  return groups;
}
