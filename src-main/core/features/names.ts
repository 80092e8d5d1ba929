import type { Agent } from '../../../shared/domain/agent/agent.ts';
import type { Channel } from '../../../shared/domain/channel/channel.ts';
import type { Customer } from '../../../shared/domain/customer/customer.ts';
import type { Queue } from '../../../shared/domain/queue/queue.ts';
import type { CacheView } from '../cache/cache-view.ts';

export interface Named {
  id: string;
  name: string;
}

/** Names of what rows refer to. What is not held (any more) has no name. */
export function nameAgent(view: CacheView, id: string): Named {
  return { id, name: view.root<Agent>('agent', id)?.name ?? '' };
}

export function nameQueue(view: CacheView, id: string): Named {
  return { id, name: view.root<Queue>('queue', id)?.name ?? '' };
}

export function nameChannel(view: CacheView, id: string): Named & { kind: string } {
  const channel = view.root<Channel>('channel', id);
  return { id, name: channel?.name ?? '', kind: channel?.kind ?? '' };
}

export function nameCustomer(view: CacheView, id: string): Named {
  return { id, name: displayNameOf(view.root<Customer>('customer', id), id) };
}

/** The name, else a phone or mail address, else "Visitor" with the end of the id. */
export function displayNameOf(customer: Customer | null, id: string): string {
  for (const field of [customer?.name, customer?.phone, customer?.email]) {
    if (field !== null && field !== undefined && field !== '') return field;
  }
  return `Visitor ${id.slice(-4)}`;
}
