import type { Database } from 'better-sqlite3';
import { type AttemptOutcome, type Delivery, isNews } from './delivery-store.ts';
import type { LogStorage } from './log-storage.ts';

type Stored = Omit<Delivery, 'content' | 'mayHaveArrived'> & { content: string; mayHaveArrived: 0 | 1 };

const COLUMNS = `message_id AS messageId, part, conversation_id AS conversationId, channel_id AS channelId, state, attempt,
  not_before AS notBefore, external_id AS externalId, reason, receipt, may_have_arrived AS mayHaveArrived, content`;

/** Word for word the condition of the index `delivery_open`, or SQLite would not use it. */
const IS_OPEN = "state IN ('queued', 'attempting')";

/** Likewise of `delivery_due`. */
const IS_WAITING_HEAD = "is_head = 1 AND state = 'queued'";

/** Deliveries in SQLite. */
export function openDeliveryStore(
  database: Database,
  transaction: LogStorage['transaction'],
): LogStorage['deliveries'] {
  const insert = database.prepare(
    `INSERT INTO delivery (message_id, part, conversation_id, channel_id, state, attempt, not_before, content, is_head)
     VALUES (?, ?, ?, ?, 'queued', 0, ?, ?,
       NOT EXISTS (SELECT 1 FROM delivery WHERE ${IS_OPEN} AND conversation_id = ?))`,
  );
  const makeNextHead = database.prepare(
    `UPDATE delivery SET is_head = 1 WHERE number = (
       SELECT min(number) FROM delivery WHERE ${IS_OPEN} AND conversation_id = (
         SELECT conversation_id FROM delivery WHERE message_id = ? AND part = ?))`,
  );
  const listDue = database.prepare<[number, number], Stored>(
    `SELECT ${COLUMNS} FROM delivery WHERE ${IS_WAITING_HEAD} AND not_before <= ? ORDER BY not_before, number LIMIT ?`,
  );
  const nextDueAt = database
    .prepare<[number], number | null>(
      `SELECT min(not_before) FROM delivery WHERE ${IS_WAITING_HEAD} AND not_before > ?`,
    )
    .pluck();
  const findPutOff = database.prepare<[number]>(
    `SELECT 1 FROM delivery WHERE ${IS_WAITING_HEAD} AND not_before > ? LIMIT 1`,
  );
  const bringForward = database.prepare(
    `UPDATE delivery SET not_before = ? WHERE ${IS_WAITING_HEAD} AND not_before > ?`,
  );
  const forget = database.prepare('DELETE FROM delivery WHERE message_id = ?');
  // Rows are in the order of their making: behind the first that is younger nothing is looked at.
  const forgetSettled = database.prepare(
    `DELETE FROM delivery WHERE number IN (
       SELECT number FROM delivery AS one WHERE is_reported = 1 AND NOT (${IS_OPEN})
         AND number < ifnull((SELECT number FROM delivery WHERE not_before >= ? ORDER BY number LIMIT 1), 9e18)
         AND NOT EXISTS (SELECT 1 FROM delivery AS other WHERE other.message_id = one.message_id
           AND (other.is_reported = 0 OR other.${IS_OPEN}))
       ORDER BY number LIMIT ?)`,
  );
  const doubtQueued = database.prepare("UPDATE delivery SET state = 'attempting' WHERE state = 'queued'");
  const listAttempting = database.prepare<[], Stored>(
    `SELECT ${COLUMNS} FROM delivery INDEXED BY delivery_open WHERE ${IS_OPEN} AND state = 'attempting' ORDER BY number`,
  );
  const begin = database.prepare(
    `UPDATE delivery SET state = 'attempting', attempt = attempt + 1
     WHERE message_id = ? AND part = ? AND state = 'queued'`,
  );
  const end = database.prepare(
    `UPDATE delivery SET state = ?, not_before = coalesce(?, not_before), external_id = ?, reason = ?,
       may_have_arrived = coalesce(?, may_have_arrived)
     WHERE message_id = ? AND part = ? AND state = 'attempting'`,
  );
  const failLater = database.prepare(
    `UPDATE delivery SET state = 'failed', reason = 'earlier-part-failed'
     WHERE message_id = ? AND part > ? AND state = 'queued'`,
  );
  const listUnreported = database
    .prepare<[number], string>(
      `SELECT message_id FROM delivery INDEXED BY delivery_unreported WHERE is_reported = 0 AND state IN ('sent', 'failed', 'unknown')
       AND NOT EXISTS (SELECT 1 FROM delivery AS other WHERE other.message_id = delivery.message_id
         AND other.state IN ('queued', 'attempting'))
       GROUP BY message_id ORDER BY min(number) LIMIT ?`,
    )
    .pluck();
  const markReported = database.prepare(
    'UPDATE delivery SET is_reported = 1 WHERE message_id = ? AND part = ? AND receipt IS ?',
  );
  const setReceipt = database.prepare(
    `UPDATE delivery SET receipt = ?, reason = coalesce(?, reason), is_reported = 0 WHERE message_id = ? AND part = ?`,
  );
  const findByExternalId = database.prepare<[string, string], Stored>(
    `SELECT ${COLUMNS} FROM delivery WHERE channel_id = ? AND external_id = ?`,
  );
  const listParts = database.prepare<[string], Stored>(
    `SELECT ${COLUMNS} FROM delivery WHERE message_id = ? ORDER BY part`,
  );
  const countOpen = database.prepare<[], { channelId: string; open: number }>(
    `SELECT channel_id AS channelId, count(*) AS open FROM delivery INDEXED BY delivery_open WHERE ${IS_OPEN} GROUP BY channel_id`,
  );

  function endAttempt(messageId: string, part: number, outcome: AttemptOutcome): void {
    const notBefore = outcome.state === 'queued' ? outcome.notBefore : null;
    const externalId = outcome.state === 'sent' ? freeExternalId(messageId, part, outcome.externalId) : null;
    const reason = outcome.state === 'sent' ? null : outcome.reason;
    const mayHaveArrived = outcome.state === 'queued' ? Number(outcome.mayHaveArrived) : null;
    const { changes } = end.run(outcome.state, notBefore, externalId, reason, mayHaveArrived, messageId, part);
    const isLost = outcome.state === 'failed' || outcome.state === 'unknown';
    if (changes === 1 && isLost) failLater.run(messageId, part);
    if (changes === 1 && outcome.state !== 'queued') makeNextHead.run(messageId, part);
  }

  /** A platform that gives two parts one id: the first keeps it, for receipts; the second was sent all the same. */
  function freeExternalId(messageId: string, part: number, externalId: string | null): string | null {
    if (externalId === null) return null;
    const own = listParts.all(messageId).find((one) => one.part === part);
    return own === undefined || findByExternalId.get(own.channelId, externalId) !== undefined ? null : externalId;
  }

  return {
    put: ({ messageId, conversationId, channelId, parts }, at) => {
      for (const [part, content] of parts.entries()) {
        insert.run(messageId, part, conversationId, channelId, at, JSON.stringify(content), conversationId);
      }
    },
    forget: (messageIds) => {
      for (const messageId of messageIds) forget.run(messageId);
    },
    forgetSettled: (olderThan, limit) => forgetSettled.run(olderThan, limit).changes,
    listDue: (now, limit) => listDue.all(now, limit).map(parseStored),
    nextDueAt: (now) => nextDueAt.get(now) ?? null,
    bringForward: (latest, at) => {
      if (findPutOff.get(latest) === undefined) return;
      transaction('bring-forward', () => bringForward.run(at, latest));
    },
    doubtQueued: () => transaction('doubt-queued', () => void doubtQueued.run()),
    listAttempting: () => listAttempting.all().map(parseStored),
    beginAttempt: (messageId, part) => transaction('begin-attempt', () => begin.run(messageId, part).changes === 1),
    endAttempt: (messageId, part, outcome) => transaction('end-attempt', () => endAttempt(messageId, part, outcome)),
    listUnreported: (limit) => listUnreported.all(limit),
    recordReceipt: (receipt) => {
      const news = receipt.messageIds.flatMap((messageId) =>
        listParts.all(messageId).filter((row) => isNews(row, receipt)),
      );
      if (news.length === 0) return;
      transaction('record-receipt', () => {
        for (const { messageId, part } of news) setReceipt.run(receipt.state, receipt.reason, messageId, part);
      });
    },
    markReported: (parts) =>
      transaction('mark-reported', () => {
        for (const { messageId, part, receipt } of parts) markReported.run(messageId, part, receipt);
      }),
    findByExternalId: (channelId, externalId) => {
      const row = findByExternalId.get(channelId, externalId);
      return row === undefined ? null : parseStored(row);
    },
    listParts: (messageId) => listParts.all(messageId).map(parseStored),
    countOpen: () => new Map(countOpen.all().map(({ channelId, open }) => [channelId, open])),
  };
}

function parseStored(row: Stored): Delivery {
  return {
    ...row,
    mayHaveArrived: row.mayHaveArrived === 1,
    content: JSON.parse(row.content) as Delivery['content'],
  };
}
