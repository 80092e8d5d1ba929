import BetterSqlite3, { type Database } from 'better-sqlite3';
import type { Message } from '../../shared/domain/conversation/message.ts';
import { foldText } from '../../shared/primitives/fold-text.ts';
import type { Frame, LoggedEvent } from '../../shared/relay-protocol/frames.ts';
import { CacheFolder } from '../../src-main/core/cache/cache-folder.ts';
import { WriterHost } from '../../src-main/core/cache/writer-host.ts';
import { openEncryptedDatabase } from '../../src-main/core/encrypted-database.ts';
import { parseSearchText } from '../../src-main/core/search/search-query.ts';
import { prepareLogRecords } from '../../src-relay/event-log/sqlite-log-records.ts';
import { FRAME_LIMITS, type FrameLimits, FrameWriter, frameOf } from '../../src-relay/gateway/frame-writer.ts';
import { sizeOf } from '../../src-relay/gateway/message-text.ts';
import { serveCalls } from '../processes/child-calls.ts';
import type { FloorCalls } from './floor-calls.ts';
import { RecordedStatements } from './recorded-statements.ts';

const IN_THOUSANDS: FrameLimits = { entries: 1000, bytes: Number.POSITIVE_INFINITY };
const PAGE = 50;
const SNIPPET_LENGTH = 180;
const BEFORE_MATCH = 50;

let cache: Database | null = null;
const recorded = new RecordedStatements();

serveCalls({
  applyLog: ({ relayDatabase, cacheFolder, cacheKey, agentId, isCutAsSent }) => {
    const open = (file: string, mode: 'read' | 'write') => openEncryptedDatabase(file, cacheKey, mode);
    const writer = new WriterHost(new CacheFolder(cacheFolder, open, agentId), agentId);
    writer.open();
    const { epoch, cursor, heldSince } = writer.position();
    const frames = framesOf(readLog(relayDatabase, cursor), cursor, isCutAsSent ? FRAME_LIMITS : IN_THOUSANDS);
    const frameMs: number[] = [];
    const tidyMs: number[] = [];
    for (const frame of frames) {
      const transaction = (): void => {
        if (!writer.applyFrame(frame, epoch!, heldSince).isApplied)
          throw new Error(`the frame at ${frame.from} does not fit`);
      };
      frameMs.push(timed(transaction));
      tidyMs.push(timed(() => writer.tidy()));
    }
    writer.close();
    return { events: frames.reduce((count, { events }) => count + events.length, 0), frameMs, tidyMs };
  },
  recordLog: ({ relayDatabase, cacheFolder, cacheKey, agentId }) => {
    const open = recorded.listenTo((file, mode) => openEncryptedDatabase(file, cacheKey, mode));
    const writer = new WriterHost(new CacheFolder(cacheFolder, open, agentId), agentId);
    writer.open();
    const { epoch, cursor, heldSince } = writer.position();
    const frames = framesOf(readLog(relayDatabase, cursor), cursor, FRAME_LIMITS);
    for (const frame of frames) {
      recorded.during(() => writer.applyFrame(frame, epoch!, heldSince));
      writer.tidy();
    }
    const applied = writer.position().cursor - cursor;
    writer.close();
    return applied;
  },
  replayRecorded: ({ cacheFolder, cacheKey, agentId }) => {
    const open = (file: string, mode: 'read' | 'write') => openEncryptedDatabase(file, cacheKey, mode);
    const elapsedMs = recorded.replay(cacheFolder, open, agentId);
    const { store } = new CacheFolder(cacheFolder, open, agentId).open();
    const { cursor } = store.meta();
    store.close();
    return { elapsedMs, cursor };
  },
  measureLog: ({ relayDatabase, after }) => {
    const events = readLog(relayDatabase, after);
    return {
      events: events.length,
      jsonBytes: events.reduce((bytes, event) => bytes + Buffer.byteLength(JSON.stringify(event)), 0),
    };
  },
  openCache: ({ file, key }) => {
    cache = openEncryptedDatabase(file, key, 'read');
  },
  search: ({ texts }) => {
    const find = cache!.prepare<[string, number], string>(
      `SELECT message.row FROM
         (SELECT rowid AS place FROM message_search WHERE message_search MATCH ? ORDER BY rowid DESC LIMIT ?)
         JOIN message ON message.position = place ORDER BY place DESC`,
    );
    return texts.map((text) => {
      const query = parseSearchText(text)!;
      return timed(() => {
        const rows = find.pluck().all(query.match, PAGE);
        return rows.map((row) => cutAround((JSON.parse(row) as Message).text, query.terms[0]!.tokens[0]!));
      });
    });
  },
  pages: ({ conversationIds }) => {
    const list = cache!.prepare<[string, number], string>(
      'SELECT row FROM message WHERE subject = (SELECT rid FROM conversation WHERE id = ?) ORDER BY position DESC LIMIT ?',
    );
    return conversationIds.map((id) =>
      timed(() =>
        list
          .pluck()
          .all(id, PAGE)
          .map((row) => JSON.parse(row) as Message),
      ),
    );
  },
} satisfies FloorCalls);

function timed(work: () => unknown): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

/** A snippet in its plainest form. */
function cutAround(text: string, word: string): string {
  const from = Math.max(0, foldText(text).indexOf(word) - BEFORE_MATCH);
  return text.slice(from, from + SNIPPET_LENGTH);
}

function readLog(file: string, after: number): LoggedEvent[] {
  const database = new BetterSqlite3(file, { readonly: true });
  try {
    return prepareLogRecords(database).listEvents(after, Number.MAX_SAFE_INTEGER);
  } finally {
    database.close();
  }
}

function framesOf(events: readonly LoggedEvent[], after: number, limits: FrameLimits): Frame[] {
  const writer = new FrameWriter(after, limits);
  const frames: Frame[] = [];
  let position = after;
  for (const event of events) {
    const size = sizeOf(event);
    if (!writer.hasRoomFor(size)) frames.push(frameOf(writer.take('', position, true)));
    writer.event(event, size);
    position = event.seq;
  }
  if (!writer.isEmpty) frames.push(frameOf(writer.take('', position, true)));
  return frames;
}
