import type { Agent } from '../../shared/domain/agent/agent.ts';
import type { CannedReply } from '../../shared/domain/canned-reply/canned-reply.ts';
import type { Channel } from '../../shared/domain/channel/channel.ts';
import type { Customer } from '../../shared/domain/customer/customer.ts';
import type { Queue } from '../../shared/domain/queue/queue.ts';
import type { RootRow } from '../../shared/domain/subject/subject-kind.ts';
import { AppError } from '../../shared/errors.ts';
import { normalizeEmail } from '../auth/auth.ts';
import type { CommandDesk } from './command-desk.ts';

/** An agent by id or e-mail, an active one before one who left. @throws AppError `not_found` */
export async function findAgent(desk: CommandDesk, reference: string): Promise<Agent> {
  const agents = await desk.list<Agent>('agent');
  const byEmail = agents.filter((agent) => normalizeEmail(agent.email) === normalizeEmail(reference));
  const found = agents.find((agent) => agent.id === reference) ?? byEmail.find((agent) => agent.isActive) ?? byEmail[0];
  return found ?? missing('agent', reference);
}

/** A queue by id or name. @throws AppError `not_found`, or `conflict` where several have the name */
export async function findQueue(desk: CommandDesk, reference: string): Promise<Queue> {
  return one('queue', reference, await desk.list<Queue>('queue'), (queue) => queue.name);
}

/** A channel by id or name. @throws AppError as `findQueue` */
export async function findChannel(desk: CommandDesk, reference: string): Promise<Channel> {
  return one('channel', reference, await desk.list<Channel>('channel'), (channel) => channel.name);
}

/** A canned reply by id or shortcut. @throws AppError as `findQueue` */
export async function findCannedReply(desk: CommandDesk, reference: string): Promise<CannedReply> {
  const rows = await desk.list<CannedReply>('canned-reply');
  return one('canned-reply', reference.replace(/^\//, ''), rows, (reply) => reply.shortcut);
}

/** Ids of queues that are given by id or name. @throws AppError as `findQueue` */
export async function findQueueIds(desk: CommandDesk, references: readonly string[]): Promise<string[]> {
  const ids = await Promise.all(references.map(async (reference) => (await findQueue(desk, reference)).id));
  return [...new Set(ids)];
}

/** A customer by id, e-mail or phone number. @throws AppError as `findQueue` */
export async function findCustomer(desk: CommandDesk, reference: string): Promise<Customer> {
  const known = desk.read<Customer>('customer', reference);
  if (known !== null) return known;
  const digits = digitsOf(reference);
  const found = (await desk.list<Customer>('customer')).filter(
    ({ email, phone }) =>
      email?.toLowerCase() === reference.toLowerCase() || (digits.length > 5 && digitsOf(phone ?? '') === digits),
  );
  if (found.length > 1) throw ambiguous('customer', reference, found.length);
  return found[0] ?? missing('customer', reference);
}

/** A phone number as it is dialled within Vietnam, whichever way it was written. */
function digitsOf(text: string): string {
  return /^[\d\s().+-]*$/u.test(text) ? text.replaceAll(/\D/gu, '').replace(/^84(?=\d{9}$)/u, '0') : '';
}

function one<Root extends RootRow>(kind: string, reference: string, rows: Root[], nameOf: (row: Root) => string): Root {
  const byId = rows.find((row) => row.id === reference);
  if (byId !== undefined) return byId;
  const named = rows.filter((row) => nameOf(row).toLowerCase() === reference.toLowerCase());
  if (named.length > 1) throw ambiguous(kind, reference, named.length);
  return named[0] ?? missing(kind, reference);
}

function ambiguous(kind: string, reference: string, count: number): AppError {
  return new AppError('conflict', `There are ${count} of kind ${kind} called "${reference}"; use the id.`, {
    reason: 'ambiguous-name',
    params: { kind, name: reference },
  });
}

function missing(kind: string, reference: string): never {
  throw new AppError('not_found', `There is no ${kind} "${reference}".`, {
    reason: `no-such-${kind}`,
    params: { reference },
  });
}
