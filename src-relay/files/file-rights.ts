import { type Agent, accessOf } from '../../shared/domain/agent/agent.ts';
import { kindOf } from '../../shared/domain/registry.ts';
import { subjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { EventLog, Submitter } from '../event-log/event-log.ts';
import type { FileStore } from './file-store.ts';

export interface FileRights {
  /** Whether the agent may now see a subject that shows the file. */
  mayRead(agentId: string, fileId: string): boolean;
  /**
   * Whether the file is there and the submitter may put it into a message: an agent who uploaded it or may read it,
   * and the relay's own parts. Is the event log's `hasFile`.
   */
  mayAttach(fileId: string, by: Submitter): boolean;
}

/** @param eventLog asked for at each use, since the event log itself is made with `mayAttach` */
export function createFileRights(parts: {
  files: FileStore;
  eventLog: () => Pick<EventLog, 'read' | 'listFileSubjects'>;
}): FileRights {
  const { files } = parts;

  const mayRead = (agentId: string, fileId: string): boolean => {
    const eventLog = parts.eventLog();
    const agent = eventLog.read<Agent>(subjectRef('agent', agentId)).root();
    if (agent === null || !agent.isActive) return false;
    const access = accessOf(agent);
    return eventLog.listFileSubjects(fileId).some((subject) => {
      const root = eventLog.read(subject).root();
      return root !== null && kindOf(subject)?.isVisible(access, root) === true;
    });
  };

  return {
    mayRead,
    mayAttach: (fileId, by) => {
      if (!files.has(fileId)) return false;
      return by.kind !== 'agent' || files.isUploader(fileId, by.agentId) || mayRead(by.agentId, fileId);
    },
  };
}
