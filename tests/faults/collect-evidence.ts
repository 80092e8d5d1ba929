import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import BetterSqlite3, { type Database } from 'better-sqlite3';
import type { CoreOutput } from '../../shared/core-api/requests.ts';
import type { Agent } from '../../shared/domain/agent/agent.ts';
import type { Conversation } from '../../shared/domain/conversation/conversation.ts';
import type { Message } from '../../shared/domain/conversation/message.ts';
import type { CommandResult } from '../../shared/relay-protocol/commands.ts';
import type { LoggedEvent } from '../../shared/relay-protocol/frames.ts';
import { openEncryptedDatabase } from '../../src-main/core/encrypted-database.ts';
import { readOrMakeLocalKeys } from '../../src-main/core/local-keys.ts';
import type { ConsoleUnderTest } from './console-under-test.ts';
import {
  type ConsoleEvidence,
  type RelayEvidence,
  type ShownConversation,
  type ShownLine,
  marksIn,
} from './history.ts';

const PAGE = 200;
const VIEWS = ['open', 'waiting', 'snoozed', 'closed'] as const;

/** Reads a relay's database. The file is not written to, and the relay may be running. */
export function readRelay(file: string): RelayEvidence {
  const database = new BetterSqlite3(file, { readonly: true });
  try {
    const meta = database.prepare('SELECT epoch, head, floor FROM log_meta').get() as {
      epoch: string;
      head: number;
      floor: number;
    };
    const events = database
      .prepare<[number], { seq: number; at: number; actor: string; commandId: string; changes: string }>(
        'SELECT seq, at, actor, command_id AS commandId, changes FROM event WHERE seq > ? ORDER BY seq',
      )
      .all(meta.floor)
      .map((row) => ({ ...row, changes: JSON.parse(row.changes) as unknown }) as LoggedEvent);
    const results = database
      .prepare<[], { id: string; result: string }>('SELECT id, result FROM command_result')
      .all()
      .map(({ id, result }) => [id, JSON.parse(result) as CommandResult] as const);
    return {
      ...meta,
      events,
      results: new Map(results),
      conversations: readRows(database, 'conversation') as Conversation[],
      messages: readRows(database, 'message') as Message[],
      agents: readRows(database, 'agent') as Agent[],
    };
  } finally {
    database.close();
  }
}

/** Marks and ids of commands that a relay's database knows. */
export function tokensOfRelay(file: string): Set<string> {
  const { messages, results, events } = readRelay(file);
  return new Set([
    ...messages.flatMap(({ text }) => marksIn(text)),
    ...results.keys(),
    ...events.map(({ commandId }) => commandId),
  ]);
}

/** What a console shows of everything its agent may see. It must be running. */
export async function readViews(
  console: ConsoleUnderTest,
): Promise<Pick<ConsoleEvidence, 'agentId' | 'status' | 'shown' | 'attention'>> {
  const { headless, agentId } = console;
  const { state, cursor, pendingCount } = await headless.request('sync.status', {});
  const shown: ShownConversation[] = [];
  for (const view of VIEWS) {
    for (let offset = 0, total = 1; offset < total; offset += PAGE) {
      const page = await headless.request('conversation.list', { filter: { view }, offset, limit: PAGE });
      total = page.total;
      for (const { id } of page.items) shown.push(await readConversation(console, id));
    }
  }
  const { items } = await headless.request('attention.list', {});
  return { agentId, status: { state, cursor, pendingCount }, shown, attention: items };
}

async function readConversation({ headless }: ConsoleUnderTest, conversationId: string): Promise<ShownConversation> {
  const { id, state, assignee, queue, priority, tags } = await headless.request('conversation.get', { conversationId });
  const lines: ShownLine[] = [];
  for (let before: number | null = null; ;) {
    const page: CoreOutput<'message.list'> = await headless.request('message.list', {
      conversationId,
      before,
      limit: PAGE,
    });
    lines.unshift(
      ...page.messages
        .filter(({ kind }) => kind !== 'system')
        .map((line) => ({ ...line, author: `${line.author.kind}:${line.author.id}` })),
    );
    if (!page.hasOlder || page.messages.length === 0) break;
    before = page.messages[0]!.position;
  }
  return { id, state, assigneeId: assignee?.id ?? null, queueId: queue.id, priority, tags, lines };
}

/** What lies in a console's files. It must not be running. */
export function readFiles(console: ConsoleUnderTest): Pick<ConsoleEvidence, 'outbox' | 'cache'> {
  return {
    outbox: console.read('outbox.db', readOutbox),
    cache: {
      conversationIds: console.read('cache.db', (database) =>
        database.prepare<[], string>('SELECT id FROM conversation').pluck().all(),
      ),
      content: decryptedCache(console),
    },
  };
}

/** Marks and ids of commands in a console's outbox, those settled in the last thirty days too, and in its drafts. */
export function tokensOfOutbox(file: string, dataDir: string): Set<string> {
  const database = openEncryptedDatabase(file, readOrMakeLocalKeys(dataDir).outbox, 'read');
  try {
    const { open, attention, drafts, commandIds } = readOutbox(database);
    const settled = database.prepare<[], string>("SELECT args FROM command WHERE state = 'settled'").pluck().all();
    return new Set([...[...open, ...attention, ...drafts, ...settled].flatMap((text) => marksIn(text)), ...commandIds]);
  } finally {
    database.close();
  }
}

function readOutbox(database: Database): ConsoleEvidence['outbox'] {
  const list = (sql: string): string[] => database.prepare<[], string>(sql).pluck().all();
  return {
    open: list("SELECT args FROM command WHERE state <> 'settled'"),
    attention: list('SELECT args FROM attention WHERE resolvedAt IS NULL'),
    drafts: list('SELECT text FROM draft'),
    commandIds: list('SELECT id FROM command UNION SELECT commandId FROM attention'),
  };
}

function readRows(database: Database, table: string): unknown[] {
  return database
    .prepare<[], string>(`SELECT row FROM "${table}"`)
    .pluck()
    .all()
    .map((row) => JSON.parse(row) as unknown);
}

/** The cache's file as it is, page by page, without its encryption: freed pages included. */
function decryptedCache(console: ConsoleUnderTest): string {
  const file = console.file('cache.db');
  const plain = path.join(console.dataDir, 'plain.db');
  for (const suffix of ['', '-wal']) if (existsSync(file + suffix)) copyFileSync(file + suffix, plain + suffix);
  const copy = openEncryptedDatabase(plain, console.keyOf('cache.db'), 'write');
  try {
    copy.pragma('wal_checkpoint(TRUNCATE)');
    copy.pragma('journal_mode = DELETE');
    copy.pragma("rekey = ''");
  } finally {
    copy.close();
  }
  const content = readFileSync(plain).toString('utf8');
  rmSync(plain);
  return content;
}
