import type { LoggedEvent } from '../../../shared/relay-protocol/frames.ts';
import { LINEAGES_KEPT, type LogRecords } from '../../../src-relay/event-log/log-storage.ts';
import { frozenJson } from './frozen-json.ts';
import type { MemoryLogState } from './memory-log-state.ts';

/** The log's own tables in memory. @param read throws once the storage is gone */
export function openMemoryRecords(read: () => MemoryLogState): LogRecords {
  return {
    readMeta: () => read().meta,
    setHead: (head) => read().setMeta({ head }),
    setFloor: (floor) => read().setMeta({ floor }),
    startLineage: (lineage) => {
      const state = read();
      const lineages = [...state.meta.lineages, lineage].slice(-LINEAGES_KEPT);
      state.setMeta({ epoch: lineage.epoch, lineages });
    },
    listLineages: () => [...read().meta.lineages],
    readLastAt: () => read().events.at(-1)?.at ?? 0,
    appendEvent: (event) => read().events.push(frozenJson(event)),
    listEvents: (after, limit) => listEvents(read(), after, limit),
    listStoredEvents: (after, limit) => listEvents(read(), after, limit),
    deleteEvent: ({ seq }) => {
      const { events } = read();
      if (events.at(0)?.seq !== seq) throw new Error('events are forgotten from the oldest on');
      events.shift();
    },
    redactEvents: (subject, redact) => {
      const { events } = read();
      for (let index = 0; index < events.length; index += 1) {
        const event = events.at(index)!;
        if (!event.changes.some((change) => change.subject === subject)) continue;
        const changes = event.changes.map((change) =>
          change.subject === subject ? { ...change, data: redact(change) } : change,
        );
        events.replace(index, frozenJson({ ...event, changes }));
      }
    },
    findResult: (id) => read().results.get(id),
    putResult: ({ payloadHash, result, at, device }) => {
      const { results } = read();
      if (results.has(result.id)) throw new ConstraintError(`there is a result of command ${result.id}`);
      results.set(result.id, { payloadHash, result: frozenJson(result), at, device });
    },
    deleteResults: (olderThan, limit) => {
      const { results, acks } = read();
      const gone: string[] = [];
      for (const [id, { at, device }] of results.entries()) {
        if (gone.length === limit) break;
        const isAcked = device === undefined || device.n <= (acks.get(device.id)?.ackedN ?? 0);
        if (at < olderThan && isAcked) gone.push(id);
      }
      for (const id of gone) results.delete(id);
      return gone.length;
    },
    readAckedN: (device) => read().acks.get(device)?.ackedN ?? 0,
    raiseAckedN: (device, agentId, ackedN) => {
      const { acks } = read();
      acks.set(device, { agentId, ackedN: Math.max(ackedN, acks.get(device)?.ackedN ?? 0) });
    },
    readCursor: (reactor) => read().cursors.get(reactor) ?? 0,
    setCursor: (reactor, cursor) => read().cursors.set(reactor, cursor),
    linkFile: (fileId, subject) => {
      const { fileSubjects } = read();
      const before = fileSubjects.get(fileId) ?? [];
      if (!before.includes(subject)) fileSubjects.set(fileId, [...before, subject].sort());
    },
    listFileSubjects: (fileId) => [...(read().fileSubjects.get(fileId) ?? [])],
    eraseFileLinks: (subject) => {
      const { fileSubjects, erasedFiles } = read();
      for (const [fileId, subjects] of [...fileSubjects.entries()]) {
        if (!subjects.includes(subject)) continue;
        fileSubjects.set(
          fileId,
          subjects.filter((one) => one !== subject),
        );
        erasedFiles.set(fileId, true);
      }
    },
    noteErasedFiles: (fileIds) => {
      for (const fileId of fileIds) read().erasedFiles.set(fileId, true);
    },
    listErasedFiles: () => [...read().erasedFiles.entries()].map(([fileId]) => fileId),
    forgetErasedFiles: (fileIds) => {
      for (const fileId of fileIds) read().erasedFiles.delete(fileId);
    },
  };
}

function listEvents({ events }: MemoryLogState, after: number, limit: number): LoggedEvent[] {
  const first = events.at(0)?.seq ?? 0;
  const from = Math.max(0, after + 1 - first);
  return events.slice(from, from + limit);
}

/** What is to be stored contradicts what is: a mistake of whoever stores it. */
export class ConstraintError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConstraintError';
  }
}
