import { type Agent, accessOf } from '../../../shared/domain/agent/agent.ts';
import type { Queue } from '../../../shared/domain/queue/queue.ts';
import { WORKSPACE_ID, type Workspace } from '../../../shared/domain/workspace/workspace.ts';
import type { AgentView, QueueView } from '../../../shared/core-api/views.ts';
import type { CacheView } from '../cache/cache-view.ts';

const ALL = [{ sql: '', parameters: [] }];
const MAX_LISTED = 10_000;

/** Everyone who answers here, by name. Who is present is added by who hears of it. */
export function listAgents(view: CacheView): { agents: AgentView[] } {
  const found = view.find<Agent>({ table: 'agent', anyOf: ALL, orderBy: [], limit: MAX_LISTED });
  const agents = found.map(({ row }) => describeAgent(row));
  return { agents: agents.sort((a, b) => a.name.localeCompare(b.name, 'vi')) };
}

/** Who is signed in and where; both null until the first snapshot is here. */
export function describeSelf(view: CacheView): { agent: AgentView | null; workspaceName: string | null } {
  const agent = view.root<Agent>('agent', view.agentId);
  return {
    agent: agent === null ? null : describeAgent(agent),
    workspaceName: view.root<Workspace>('workspace', WORKSPACE_ID)?.name ?? null,
  };
}

export function listQueues(view: CacheView): { queues: QueueView[] } {
  const own = view.root<Agent>('agent', view.agentId)?.queueIds ?? [];
  const found = view.find<Queue>({ table: 'queue', anyOf: ALL, orderBy: [], limit: MAX_LISTED });
  const queues = found.map(({ row }) => ({
    id: row.id,
    name: row.name,
    openCount: countOpen(view, row.id, '1'),
    unassignedCount: countOpen(view, row.id, 'assigneeId IS NULL'),
    isMember: own.includes(row.id),
  }));
  return { queues: queues.sort((a, b) => a.name.localeCompare(b.name, 'vi')) };
}

function countOpen(view: CacheView, queueId: string, more: string): number {
  return view.remembered(`queue/${queueId}/${more}`, () =>
    view.count(
      'conversation',
      ['bot', 'open', 'waiting'].map((state) => ({
        sql: `state = ? AND queueId = ? AND ${more}`,
        parameters: [state, queueId],
      })),
    ),
  );
}

function describeAgent(agent: Agent): AgentView {
  const { id, name, email, role, queueIds, isActive } = agent;
  return { id, name, email, role, tier: accessOf(agent).tier, queueIds, isActive, presence: 'offline' };
}
