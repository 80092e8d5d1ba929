import type { Agent } from '../../shared/domain/agent/agent.ts';
import { AppError } from '../../shared/errors.ts';
import { type Auth, normalizeEmail } from '../auth/auth.ts';
import type { OneTimePurpose } from '../auth/one-time-tokens.ts';
import type { AdminCall, AdminHandlers, AdminParts } from './admin-parts.ts';
import { type CommandDesk, fieldsOf } from './command-desk.ts';
import { findAgent, findQueueIds } from './find-by-reference.ts';
import { defined } from './workspace-handlers.ts';

type AgentRoutes = Extract<keyof AdminHandlers, `agent.${string}`>;

export function createAgentHandlers(parts: Pick<AdminParts, 'auth' | 'publicUrl'>): Pick<AdminHandlers, AgentRoutes> {
  const { auth } = parts;

  const linkFor = (agentId: string, purpose: OneTimePurpose) => {
    const { token, expiresAt } = auth.issueLink(agentId, purpose);
    // Behind the #, so that it is in no log and no Referer.
    return { url: `${parts.publicUrl()}/account#${purpose}=${token}`, expiresAt };
  };

  return {
    'agent.add': async (input, { desk }) => {
      const id = input.id ?? desk.newId('agent');
      await requireFreeEmail(desk, input.email, id);
      const known = desk.read<Agent>('agent', id);
      // A repeated request finds what the first one made; anything else would overwrite somebody.
      if (known !== null && normalizeEmail(known.email) !== normalizeEmail(input.email)) throw idTaken(id);
      const { name, role, languages } = input;
      const queueIds = await findQueueIds(desk, input.queues);
      const fields = { name, email: input.email.trim(), role, languages, queueIds, isActive: true };
      const agent = await desk.put<Agent>('agent', id, fields, known);
      if (input.password !== undefined) await auth.setPassword(id, input.password);
      const invitation = input.password === undefined ? linkFor(id, 'invitation') : null;
      return { agent: answer(agent, auth), invitation };
    },
    'agent.list': async (input, { desk }) => {
      const agents = await desk.list<Agent>('agent');
      return { agents: agents.filter((agent) => input.all || agent.isActive).map((agent) => answer(agent, auth)) };
    },
    'agent.update': async (input, { desk }) => {
      const was = await findAgent(desk, input.agent);
      if (input.email !== undefined) await requireFreeEmail(desk, input.email, was.id);
      if (input.isActive === true && !was.isActive) await requireFreeEmail(desk, input.email ?? was.email, was.id);
      const { agent: _agent, queues, ...rest } = input;
      const queueIds = queues === undefined ? was.queueIds : await findQueueIds(desk, queues);
      const fields = { ...fieldsOf(was), ...defined(rest), queueIds };
      await requireAnAdmin(desk, was, fields);
      return answer(await desk.put<Agent>('agent', was.id, fields, was), auth);
    },
    'agent.deactivate': async (input, { desk }) => {
      const was = await findAgent(desk, input.agent);
      if (!was.isActive) return answer(was, auth);
      const fields = { ...fieldsOf(was), isActive: false };
      await requireAnAdmin(desk, was, fields);
      return answer(await desk.put<Agent>('agent', was.id, fields, was), auth);
    },
    'agent.invite': async (input, { desk }) => linkFor((await findAgent(desk, input.agent)).id, 'invitation'),
    'agent.reset-password': async (input, { desk }) =>
      linkFor((await findAgent(desk, input.agent)).id, 'password-reset'),
    'agent.sessions': async (input, { desk }) => ({
      sessions: auth.listSessions((await findAgent(desk, input.agent)).id),
    }),
    'agent.revoke': async (input, { desk }: AdminCall) => {
      const { id } = await findAgent(desk, input.agent);
      if (input.session === undefined) return { revoked: auth.revokeSessions(id) };
      if (auth.revokeSession(id, input.session)) return { revoked: 1 };
      throw new AppError('not_found', 'This agent has no such session.', { reason: 'no-such-session' });
    },
  };
}

/** Two active agents with one address could not be told apart when they sign in. */
async function requireFreeEmail(desk: CommandDesk, email: string, exceptId: string): Promise<void> {
  const agents = await desk.list<Agent>('agent');
  const owner = agents.find(
    (agent) => agent.isActive && agent.id !== exceptId && normalizeEmail(agent.email) === normalizeEmail(email),
  );
  if (owner === undefined) return;
  throw new AppError('conflict', `${owner.name} has the address ${email} already.`, {
    reason: 'email-taken',
    params: { email, name: owner.name },
  });
}

/** Once there is an administrator there stays one, or nobody could sign in to set things right. */
async function requireAnAdmin(desk: CommandDesk, was: Agent, next: Pick<Agent, 'role' | 'isActive'>): Promise<void> {
  const isAdmin = (agent: Pick<Agent, 'role' | 'isActive'>): boolean => agent.role === 'admin' && agent.isActive;
  if (!isAdmin(was) || isAdmin(next)) return;
  const others = await desk.list<Agent>('agent');
  if (others.some((agent) => agent.id !== was.id && isAdmin(agent))) return;
  throw new AppError('conflict', `${was.name} is the only administrator; make somebody else one first.`, {
    reason: 'last-admin',
  });
}

function idTaken(id: string): AppError {
  return new AppError('conflict', `There is another agent with the id "${id}".`, {
    reason: 'id-taken',
    params: { id },
  });
}

function answer(agent: Agent, auth: Auth) {
  const { id, name, email, role, queueIds, languages, isActive } = agent;
  return { id, name, email, role, queueIds, languages, isActive, hasPassword: auth.hasPassword(id) };
}
