import { z } from 'zod';
import { defineSimpleKind } from '../subject/simple-kind.ts';
import type { RootRow } from '../subject/subject-kind.ts';
import { type AgentAccess, agentRoleSchema, tierOfRole } from './agent-access.ts';

const agentFields = z.object({
  name: z.string().min(1).max(120),
  email: z.string().max(254),
  role: agentRoleSchema,
  queueIds: z.array(z.string()),
  languages: z.array(z.enum(['vi', 'en'])),
  /** False once the person has left: signs in no more, is offered for no assignment, keeps the history. */
  isActive: z.boolean(),
});

export type Agent = RootRow & z.infer<typeof agentFields>;

export const agentKind = defineSimpleKind({ name: 'agent', fields: agentFields });

export function accessOf(agent: Agent): AgentAccess {
  return { agentId: agent.id, role: agent.role, tier: tierOfRole(agent.role), queueIds: agent.queueIds };
}
