import { z } from 'zod';
import { defineSimpleKind } from '../subject/simple-kind.ts';
import type { RootRow } from '../subject/subject-kind.ts';

/** The one subject of its kind has this id: a relay serves one workspace (SYNC-U3). */
export const WORKSPACE_ID = 'this';

const workspaceFields = z.object({
  name: z.string().min(1).max(120),
  /** Language for customers whose own is not known. */
  language: z.enum(['vi', 'en']),
  timeZone: z.string().min(1).max(64),
});

export type Workspace = RootRow & z.infer<typeof workspaceFields>;

export const workspaceKind = defineSimpleKind({ name: 'workspace', fields: workspaceFields });
