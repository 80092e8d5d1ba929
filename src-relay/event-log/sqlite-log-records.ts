import type { Database } from 'better-sqlite3';
import type { SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { CommandResult } from '../../shared/relay-protocol/commands.ts';
import type { LoggedEvent } from '../../shared/relay-protocol/frames.ts';
import { changesText, parseChanges } from './changes-text.ts';
import type { Lineage } from './event-log.ts';
import { LINEAGES_KEPT, type LogRecords } from './log-storage.ts';
import { scanStoredEvents } from './scan-stored-events.ts';

interface EventRow {
  seq: number;
  at: number;
  actor: string;
  commandId: string;
  changes: string;
}

interface StoredResult {
  payloadHash: Buffer;
  result: string;
}

/** The log's own tables in SQLite, one prepared statement per operation. Transactions are the caller's. */
export function prepareLogRecords(database: Database): LogRecords & { createMeta(epoch: string): void } {
  const readMeta = database.prepare<[], { epoch: string; head: number; floor: number }>(
    'SELECT epoch, head, floor FROM log_meta',
  );
  const insertMeta = database.prepare(
    'INSERT OR IGNORE INTO log_meta (only, epoch, head, floor, writer_gen) VALUES (1, ?, 0, 0, 0)',
  );
  const setHead = database.prepare('UPDATE log_meta SET head = ?');
  const setFloor = database.prepare('UPDATE log_meta SET floor = ?');
  const setEpoch = database.prepare('UPDATE log_meta SET epoch = ?');
  const insertLineage = database.prepare('INSERT INTO lineage (epoch, since) VALUES (?, ?)');
  const forgetLineages = database.prepare(
    `DELETE FROM lineage WHERE number <= (SELECT max(number) FROM lineage) - ${LINEAGES_KEPT}`,
  );
  const listLineages = database.prepare<[], Lineage>('SELECT epoch, since FROM lineage ORDER BY number');
  const insertEvent = database.prepare(
    'INSERT INTO event (seq, at, actor, command_id, changes) VALUES (?, ?, ?, ?, ?)',
  );
  const insertEventSubject = database.prepare('INSERT OR IGNORE INTO event_subject (subject, seq) VALUES (?, ?)');
  const listEvents = database.prepare<[number, number], EventRow>(
    'SELECT seq, at, actor, command_id AS commandId, changes FROM event WHERE seq > ? ORDER BY seq LIMIT ?',
  );
  const listStoredEvents = database
    .prepare<[number, number], Buffer | null>(
      `SELECT CAST(group_concat(
         '{"seq":' || seq || ',"at":' || at || ',"actor":' || json_quote(actor) ||
         ',"commandId":' || json_quote(command_id) || ',"changes":' || changes || '}') AS BLOB)
       FROM (SELECT seq, at, actor, command_id, changes FROM event WHERE seq > ? ORDER BY seq LIMIT ?)`,
    )
    .pluck();
  const readLastAt = database.prepare<[], number>('SELECT at FROM event ORDER BY seq DESC LIMIT 1').pluck();
  const deleteEvent = database.prepare('DELETE FROM event WHERE seq = ?');
  const deleteEventSubject = database.prepare('DELETE FROM event_subject WHERE subject = ? AND seq = ?');
  const findResult = database.prepare<[string], StoredResult>(
    'SELECT payload_hash AS payloadHash, result FROM command_result WHERE id = ?',
  );
  const insertResult = database.prepare(
    'INSERT INTO command_result (id, payload_hash, result, at, device, n) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const deleteResults = database.prepare(
    `DELETE FROM command_result WHERE id IN (
       SELECT id FROM command_result LEFT JOIN device_ack USING (device)
       WHERE at < ? AND (n IS NULL OR n <= acked_n) LIMIT ?)`,
  );
  const readAckedN = database.prepare<[string], number>('SELECT acked_n FROM device_ack WHERE device = ?').pluck();
  const raiseAckedN = database.prepare(
    `INSERT INTO device_ack (device, agent_id, acked_n) VALUES (?, ?, ?)
     ON CONFLICT (device) DO UPDATE SET agent_id = excluded.agent_id, acked_n = max(acked_n, excluded.acked_n)`,
  );
  const readCursor = database.prepare<[string], number>('SELECT cursor FROM reactor WHERE name = ?').pluck();
  const setCursor = database.prepare(
    'INSERT INTO reactor (name, cursor) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor',
  );
  const linkFile = database.prepare('INSERT OR IGNORE INTO file_link (file_id, subject) VALUES (?, ?)');
  const listFileSubjects = database
    .prepare<[string], SubjectRef>('SELECT subject FROM file_link WHERE file_id = ?')
    .pluck();
  const listEventsOf = database.prepare<[string], EventRow>(
    `SELECT seq, at, actor, command_id AS commandId, changes FROM event
     WHERE seq IN (SELECT seq FROM event_subject WHERE subject = ?)`,
  );
  const setChanges = database.prepare('UPDATE event SET changes = ? WHERE seq = ?');
  const rememberErasedFiles = database.prepare(
    'INSERT OR IGNORE INTO erased_file SELECT file_id FROM file_link WHERE subject = ?',
  );
  const noteErasedFile = database.prepare('INSERT OR IGNORE INTO erased_file VALUES (?)');
  const unlinkFiles = database.prepare('DELETE FROM file_link WHERE subject = ?');
  const listErasedFiles = database.prepare<[], string>('SELECT file_id FROM erased_file').pluck();
  const forgetErasedFile = database.prepare('DELETE FROM erased_file WHERE file_id = ?');

  return {
    /** Makes the one row of `log_meta` where there is none. */
    createMeta: (epoch: string) => {
      if (insertMeta.run(epoch).changes === 1) insertLineage.run(epoch, 0);
    },
    readMeta: () => {
      const meta = readMeta.get();
      if (meta === undefined) throw new Error('log_meta is empty');
      return meta;
    },
    setHead: (head) => void setHead.run(head),
    setFloor: (floor) => void setFloor.run(floor),
    startLineage: ({ epoch, since }) => {
      setEpoch.run(epoch);
      insertLineage.run(epoch, since);
      forgetLineages.run();
    },
    listLineages: () => listLineages.all(),
    readLastAt: () => readLastAt.get() ?? 0,
    appendEvent: (event) => {
      const { seq, at, actor, commandId, changes } = event;
      insertEvent.run(seq, at, actor, commandId, changesText(event));
      for (const { subject } of changes) insertEventSubject.run(subject, seq);
    },
    listEvents: (after, limit) => listEvents.all(after, limit).map(parseEvent),
    listStoredEvents: (after, limit) => {
      // All of them in one piece of bytes: nothing is made for each that is not needed for each.
      const text = listStoredEvents.get(after, limit) ?? null;
      return text === null ? [] : scanStoredEvents(text);
    },
    deleteEvent: ({ seq, changes }) => {
      for (const { subject } of changes) deleteEventSubject.run(subject, seq);
      deleteEvent.run(seq);
    },
    redactEvents: (subject, redact) => {
      for (const { seq, changes } of listEventsOf.all(subject).map(parseEvent)) {
        const left = changes.map((change) =>
          change.subject === subject ? { ...change, data: redact(change) } : change,
        );
        setChanges.run(JSON.stringify(left), seq);
      }
    },
    findResult: (id) => {
      const row = findResult.get(id);
      if (row === undefined) return undefined;
      return { payloadHash: row.payloadHash, result: JSON.parse(row.result) as CommandResult };
    },
    putResult: ({ payloadHash, result, at, device }) =>
      void insertResult.run(result.id, payloadHash, JSON.stringify(result), at, device?.id ?? null, device?.n ?? null),
    deleteResults: (olderThan, limit) => deleteResults.run(olderThan, limit).changes,
    readAckedN: (device) => readAckedN.get(device) ?? 0,
    raiseAckedN: (device, agentId, ackedN) => void raiseAckedN.run(device, agentId, ackedN),
    readCursor: (reactor) => readCursor.get(reactor) ?? 0,
    setCursor: (reactor, cursor) => void setCursor.run(reactor, cursor),
    linkFile: (fileId, subject) => void linkFile.run(fileId, subject),
    listFileSubjects: (fileId) => listFileSubjects.all(fileId),
    eraseFileLinks: (subject) => {
      rememberErasedFiles.run(subject);
      unlinkFiles.run(subject);
    },
    noteErasedFiles: (fileIds) => {
      for (const fileId of fileIds) noteErasedFile.run(fileId);
    },
    listErasedFiles: () => listErasedFiles.all(),
    forgetErasedFiles: (fileIds) => {
      for (const fileId of fileIds) forgetErasedFile.run(fileId);
    },
  };
}

function parseEvent(row: EventRow): LoggedEvent {
  return {
    ...row,
    actor: row.actor as LoggedEvent['actor'],
    changes: parseChanges(row.changes),
  };
}
