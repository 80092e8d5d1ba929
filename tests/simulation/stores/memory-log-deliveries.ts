import { type AttemptOutcome, type Delivery, isNews } from '../../../src-relay/event-log/delivery-store.ts';
import type { LogStorage } from '../../../src-relay/event-log/log-storage.ts';
import { frozenJson } from './frozen-json.ts';
import { ConstraintError } from './memory-log-records.ts';
import type { MemoryLogState, MessageParts } from './memory-log-state.ts';

/** Deliveries in memory. @param read throws once the storage is gone */
export function openMemoryDeliveries(
  read: () => MemoryLogState,
  transaction: LogStorage['transaction'],
): LogStorage['deliveries'] {
  return {
    put: ({ messageId, conversationId, channelId, parts }, at) => {
      const state = read();
      if (state.messages.has(messageId)) throw new ConstraintError(`message ${messageId} is being delivered`);
      const number = state.meta.lastDeliveryNumber + 1;
      state.setMeta({ lastDeliveryNumber: number });
      const fixed = { messageId, conversationId, channelId, state: 'queued', attempt: 0, notBefore: at } as const;
      const rows = parts.map((content, part): Delivery =>
        frozenJson({ ...fixed, part, externalId: null, reason: null, receipt: null, mayHaveArrived: false, content }),
      );
      setParts(state, messageId, { number, conversationId, reported: new Set(), parts: rows });
    },
    forget: (messageIds) => {
      const state = read();
      for (const messageId of messageIds) {
        const message = state.messages.get(messageId);
        if (message === undefined) continue;
        state.openMessages.delete(message.conversationId);
        state.unreported.delete(messageId);
        forgetMessage(state, messageId, message);
      }
    },
    forgetSettled: (olderThan, limit) => {
      const state = read();
      let count = 0;
      const inOrder = [...state.messages.entries()].sort(([, one], [, other]) => one.number - other.number);
      for (const [messageId, message] of inOrder) {
        if (count >= limit || message.parts.some(({ notBefore }) => notBefore >= olderThan)) break;
        if (message.reported.size < message.parts.length || message.parts.some(isOpen)) continue;
        forgetMessage(state, messageId, message);
        count += message.parts.length;
      }
      return count;
    },
    listDue: (now, limit) =>
      listHeads(read())
        .filter(({ head }) => head.state === 'queued' && head.notBefore <= now)
        .sort((one, other) => one.head.notBefore - other.head.notBefore || one.number - other.number)
        .slice(0, limit)
        .map(({ head }) => head),
    nextDueAt: (now) => {
      const later = listHeads(read()).filter(({ head }) => head.state === 'queued' && head.notBefore > now);
      return later.length === 0 ? null : Math.min(...later.map(({ head }) => head.notBefore));
    },
    bringForward: (latest, at) => {
      const putOff = listHeads(read()).filter(({ head }) => head.state === 'queued' && head.notBefore > latest);
      if (putOff.length === 0) return;
      transaction('bring-forward', () => {
        for (const { head } of putOff) replacePart(read(), { ...head, notBefore: at });
      });
    },
    doubtQueued: () =>
      transaction('doubt-queued', () => {
        for (const row of listOpen(read()))
          if (row.state === 'queued') replacePart(read(), { ...row, state: 'attempting' });
      }),
    listAttempting: () => listOpen(read()).filter(({ state }) => state === 'attempting'),
    beginAttempt: (messageId, part) =>
      transaction('begin-attempt', () => {
        const row = read().messages.get(messageId)?.parts[part];
        if (row?.state !== 'queued') return false;
        replacePart(read(), { ...row, state: 'attempting', attempt: row.attempt + 1 });
        return true;
      }),
    endAttempt: (messageId, part, outcome) => transaction('end-attempt', () => end(read(), messageId, part, outcome)),
    listUnreported: (limit) => {
      const state = read();
      return [...state.unreported.entries()]
        .map(([messageId]) => ({ messageId, ...state.messages.get(messageId)! }))
        .filter(({ parts }) => !parts.some(isOpen))
        .sort(byNumber)
        .slice(0, limit)
        .map(({ messageId }) => messageId);
    },
    recordReceipt: (receipt) => {
      const rows = receipt.messageIds.flatMap((messageId) => read().messages.get(messageId)?.parts ?? []);
      const news = rows.filter((row) => isNews(row, receipt));
      if (news.length === 0) return;
      transaction('record-receipt', () => {
        for (const row of news) {
          replacePart(read(), { ...row, receipt: receipt.state, reason: receipt.reason ?? row.reason });
          const message = read().messages.get(row.messageId)!;
          const reported = new Set([...message.reported].filter((part) => part !== row.part));
          setParts(read(), row.messageId, { ...message, reported });
        }
      });
    },
    markReported: (parts) =>
      transaction('mark-reported', () => {
        for (const { messageId, part, receipt } of parts) {
          const message = read().messages.get(messageId);
          if (message?.parts[part]?.receipt !== receipt) continue;
          setParts(read(), messageId, { ...message, reported: new Set([...message.reported, part]) });
        }
      }),
    findByExternalId: (channelId, externalId) => {
      const found = read().byExternalId.get(`${channelId}/${externalId}`);
      return found === undefined ? null : (read().messages.get(found.messageId)?.parts[found.part] ?? null);
    },
    listParts: (messageId) => [...(read().messages.get(messageId)?.parts ?? [])],
    countOpen: () => {
      const counts = new Map<string, number>();
      for (const messageIds of read().openMessages.values()) {
        for (const { channelId } of messageIds.flatMap((id) => read().messages.get(id)!.parts.filter(isOpen))) {
          counts.set(channelId, (counts.get(channelId) ?? 0) + 1);
        }
      }
      return counts;
    },
  };
}

/** Timers in memory. @param read throws once the storage is gone */
export function openMemoryTimers(
  read: () => MemoryLogState,
  transaction: LogStorage['transaction'],
): LogStorage['timers'] {
  return {
    put: ({ id, subject, kind, dueAt, version }) =>
      read().timers.set(id, frozenJson({ id, subject, kind, dueAt, version })),
    cancel: (id) => void read().timers.delete(id),
    remove: ({ id, version }) =>
      transaction('remove-timer', () => {
        if (read().timers.get(id)?.version === version) read().timers.delete(id);
      }),
    listDue: (now, limit) =>
      [...read().timers.values()]
        .filter(({ dueAt }) => dueAt <= now)
        .sort((one, other) => one.dueAt - other.dueAt || (one.id < other.id ? -1 : 1))
        .slice(0, limit),
    nextDueAt: () => {
      let next: number | null = null;
      for (const { dueAt } of read().timers.values()) next = next === null ? dueAt : Math.min(next, dueAt);
      return next;
    },
  };
}

/** The first open part of each conversation: the others wait for it. */
function listHeads(state: MemoryLogState): { head: Delivery; number: number }[] {
  return [...state.openMessages.values()].map(([first]) => {
    const { parts, number } = state.messages.get(first!)!;
    return { head: parts.find(isOpen)!, number };
  });
}

/** All open parts, in their order. */
function listOpen(state: MemoryLogState): Delivery[] {
  const messages = [...state.openMessages.values()].flat().map((id) => state.messages.get(id)!);
  return messages.sort(byNumber).flatMap(({ parts }) => parts.filter(isOpen));
}

function forgetMessage(state: MemoryLogState, messageId: string, { parts }: MessageParts): void {
  for (const { channelId, externalId } of parts) state.byExternalId.delete(`${channelId}/${externalId}`);
  state.messages.delete(messageId);
}

function end(state: MemoryLogState, messageId: string, part: number, outcome: AttemptOutcome): void {
  const row = state.messages.get(messageId)?.parts[part];
  if (row?.state !== 'attempting') return;
  if (outcome.state === 'queued') {
    const { notBefore, reason, mayHaveArrived } = outcome;
    replacePart(state, { ...row, state: 'queued', notBefore, externalId: null, reason, mayHaveArrived });
    return;
  }
  if (outcome.state === 'sent') {
    const key = `${row.channelId}/${outcome.externalId}`;
    // A platform that gives two parts one id: the first keeps it.
    const externalId = state.byExternalId.has(key) ? null : outcome.externalId;
    if (externalId !== null) state.byExternalId.set(key, { messageId, part });
    replacePart(state, { ...row, state: 'sent', externalId, reason: null });
    return;
  }
  replacePart(state, { ...row, state: outcome.state, externalId: null, reason: outcome.reason });
  for (const later of state.messages.get(messageId)!.parts.slice(part + 1)) {
    if (later.state === 'queued') replacePart(state, { ...later, state: 'failed', reason: 'earlier-part-failed' });
  }
}

function replacePart(state: MemoryLogState, row: Delivery): void {
  const message = state.messages.get(row.messageId)!;
  const parts = message.parts.map((one) => (one.part === row.part ? frozenJson(row) : one));
  setParts(state, row.messageId, { ...message, parts });
}

function setParts(state: MemoryLogState, messageId: string, message: MessageParts): void {
  state.messages.set(messageId, message);
  const { conversationId } = message;
  const open = state.openMessages.get(conversationId) ?? [];
  const wasOpen = open.includes(messageId);
  // What is not open any more never is again, so a message that becomes open is the newest.
  if (message.parts.some(isOpen)) {
    if (!wasOpen) state.openMessages.set(conversationId, [...open, messageId]);
  } else if (wasOpen) {
    if (open.length === 1) state.openMessages.delete(conversationId);
    else
      state.openMessages.set(
        conversationId,
        open.filter((id) => id !== messageId),
      );
  }
  if (message.reported.size === message.parts.length) state.unreported.delete(messageId);
  else state.unreported.set(messageId, true);
}

function isOpen({ state }: Delivery): boolean {
  return state === 'queued' || state === 'attempting';
}

function byNumber(one: { number: number }, other: { number: number }): number {
  return one.number - other.number;
}
