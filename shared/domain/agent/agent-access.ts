import { z } from 'zod';

/**
 * `agent` is tier 1, `specialist` tier 2, `manager` tier 3; a `lead` moves whole queues and may override others'
 * assignments; an `admin` also configures the workspace.
 */
export const agentRoleSchema = z.enum(['agent', 'specialist', 'manager', 'lead', 'admin']);
export type AgentRole = z.infer<typeof agentRoleSchema>;

export const tierSchema = z.union([z.literal(1), z.literal(2), z.literal(3)]);
export type Tier = z.infer<typeof tierSchema>;

/** What an agent may do and see. Derived from the agent's own row, so that it changes by an event like all else. */
export interface AgentAccess {
  agentId: string;
  role: AgentRole;
  tier: Tier;
  queueIds: readonly string[];
}

const TIER_OF_ROLE: Record<AgentRole, Tier> = { agent: 1, specialist: 2, manager: 3, lead: 2, admin: 3 };

export function tierOfRole(role: AgentRole): Tier {
  return TIER_OF_ROLE[role];
}

/** Whether the agent may act on what is assigned to somebody else without that one's consent. */
export function mayOverride(access: AgentAccess): boolean {
  return access.role === 'lead' || access.role === 'manager' || access.role === 'admin';
}
