import { agentKind } from './agent/agent.ts';
import { cannedReplyKind } from './canned-reply/canned-reply.ts';
import { channelKind } from './channel/channel.ts';
import { conversationKind } from './conversation/conversation-kind.ts';
import { customerKind } from './customer/customer.ts';
import { draftKind } from './draft/draft-kind.ts';
import { erasureKind } from './erasure/erasure.ts';
import { queueKind } from './queue/queue.ts';
import type { CommandSpec, SubjectKind, SubjectRef } from './subject/subject-kind.ts';
import { workspaceKind } from './workspace/workspace.ts';

/**
 * Every kind of subject, in the order in which a snapshot sends them: what others refer to first.
 * A new kind is added here and nowhere else in the sync.
 */
export const subjectKinds: readonly SubjectKind[] = [
  workspaceKind,
  queueKind,
  agentKind,
  channelKind,
  cannedReplyKind,
  erasureKind,
  customerKind,
  conversationKind,
  draftKind,
];

const kindsByName = new Map(subjectKinds.map((kind) => [kind.name, kind]));
const COLON = ':'.charCodeAt(0);
/** By the first character of their names. */
const kindsByInitial: (SubjectKind[] | undefined)[] = [];
for (const kind of subjectKinds) (kindsByInitial[kind.name.charCodeAt(0)] ??= []).push(kind);
const commandsByType = new Map(
  subjectKinds.flatMap((kind) => kind.commands.map((command) => [command.type, command] as const)),
);

export function findKind(name: string): SubjectKind | undefined {
  return kindsByName.get(name);
}

/** The kind of a subject, or undefined for a kind that this version does not know. */
export function kindOf(subject: SubjectRef): SubjectKind | undefined {
  // Asked for each console and commit: without making the name, which would have to be hashed.
  for (const kind of kindsByInitial[subject.charCodeAt(0)] ?? []) {
    const { name } = kind;
    if (subject.charCodeAt(name.length) === COLON && subject.startsWith(name)) return kind;
  }
  return undefined;
}

export function findCommand(type: string): CommandSpec | undefined {
  return commandsByType.get(type);
}
