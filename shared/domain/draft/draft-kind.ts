import { z } from 'zod';
import { conversationRef } from '../conversation/decide.ts';
import type { FoldChange, RowChange, SubjectKind, SubjectReader } from '../subject/subject-kind.ts';
import type { SharedDraft } from './draft.ts';
import { type DraftWritten, writeDraft, writtenData } from './write-draft.ts';

/** What agents are writing, so that it follows them to another machine (SYNC-O1). A cleared one is gone. */
export const draftKind: SubjectKind = {
  name: 'draft',
  tables: [{ name: 'draft', role: 'root', columns: { conversationId: 'text' }, indexes: [] }],
  changes: {
    'draft-written': {
      v: 1,
      schema: writtenData,
      redact: (data) => ({ ...(data as DraftWritten), text: '', attachments: [], joined: null }),
    },
    'draft-cleared': { v: 1, schema: z.object({}) },
  },
  commands: [writeDraft],
  fold,
  effects: (change) => {
    if (change.type !== 'draft-written') return [];
    const fileIds = (change.data as DraftWritten).attachments.map(({ fileId }) => fileId);
    return fileIds.length === 0 ? [] : [{ kind: 'link-files', fileIds }];
  },
  erasure: {
    ownerOf: (root) => conversationRef((root as SharedDraft).conversationId),
    change: 'draft-cleared',
  },
  isVisible: (access, root) => (root as SharedDraft).agentId === access.agentId,
  visibilityFields: ['agentId'],
  isHeld: () => true,
  heldFields: [],
  tailLength: 0,
};

function fold(reader: SubjectReader, change: FoldChange): RowChange[] {
  const id = change.subject.slice('draft:'.length);
  switch (change.type) {
    case 'draft-written': {
      const bornSeq = reader.root()?.bornSeq ?? change.seq;
      const row: SharedDraft = {
        ...(change.data as DraftWritten),
        ...{ id, bornSeq, asOf: change.seq, writtenAt: change.at },
      };
      return [{ op: 'put', table: 'draft', row }];
    }
    case 'draft-cleared':
      return [{ op: 'delete', table: 'draft', id }];
    default:
      return [];
  }
}
