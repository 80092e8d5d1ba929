import { z } from 'zod';
import { cleanLine } from '../../primitives/clean-text.ts';
import { requireNotErased } from '../erasure/erasure.ts';
import { accept, defineCommand, refuse } from '../subject/define-command.ts';
import { replacing } from '../subject/redact.ts';
import {
  type FoldChange,
  type RootRow,
  type RowChange,
  type SubjectKind,
  type SubjectReader,
  subjectRef,
} from '../subject/subject-kind.ts';

export const orderSchema = z.object({
  number: z.string().max(40),
  /** As the shop names it: `pending`, `paid`, `shipped`, `delivered`, `cancelled`, `returned`. */
  status: z.string().max(40),
  /** In the smallest unit of `currency` that is in use (đồng for VND, cent for USD). */
  total: z.number().int(),
  currency: z.string().length(3),
  placedAt: z.number(),
  items: z.array(z.object({ name: z.string().max(200), quantity: z.number().int(), price: z.number().int() })).max(50),
  trackingUrl: z.string().max(500).nullable(),
});
export type Order = z.infer<typeof orderSchema>;

export const identitySchema = z.object({
  channelId: z.string(),
  /** The customer's id on that channel. */
  externalId: z.string(),
  /** True when the channel proved who it is (HMAC); an unproven name is for display only. */
  isVerified: z.boolean(),
});
export type Identity = z.infer<typeof identitySchema>;

/** Goes on with an erasure that did not fit into one event. */
const TIMER = 'erase-rest';

const line = (max: number) => z.string().max(max).transform(cleanLine);

export const profileSchema = z.object({
  name: line(120).nullable(),
  /** What to call the person: the last word of most Vietnamese names, and never guessed where it was given. */
  givenName: line(60).nullable(),
  email: line(254).nullable(),
  phone: line(32).nullable(),
  language: z.enum(['vi', 'en']).nullable(),
  address: line(300).nullable(),
  note: z.string().max(2000).nullable(),
});
export type Profile = z.infer<typeof profileSchema>;

export type Customer = RootRow &
  Profile & {
    identities: Identity[];
    orders: Order[];
    /** Segment labels such as `vip`. */
    segments: string[];
    createdAt: number;
    lastSeenAt: number;
  };

const profileChange = profileSchema.partial();
type PartialProfile = z.infer<typeof profileChange>;

const importedFields = z.object({
  profile: profileChange,
  orders: z.array(orderSchema).max(100).optional(),
  segments: z.array(line(40)).max(20).optional(),
});

const seenData = z.object({
  identity: identitySchema.nullable(),
  profile: profileChange,
  seenAt: z.number(),
});

const changes = {
  /** The customer wrote, or came back, over a channel; carries what that channel knows of them. */
  'customer-seen': { v: 1, schema: seenData, redact: replacing({ identity: null, profile: {} }) },
  /** Values an agent or an import set, with those they replaced (for undo). */
  'customer-updated': {
    v: 1,
    schema: importedFields.extend({ previous: profileChange }),
    redact: () => ({ profile: {}, previous: {} }),
  },
  /** Their data was erased (SYNC-L7). Who comes back under the same id is somebody of whom nothing is known. */
  'customer-erased': { v: 1, schema: z.object({}) },
  /** There is more to erase with them than one event carries: what is known of them goes first, the rest by a timer. */
  'customer-erasure-begun': { v: 1, schema: z.object({}) },
} as const;

const update = defineCommand({
  type: 'customer.update',
  args: z.object({ customerId: z.string().min(1).max(64), profile: profileChange }),
  subjects: (args) => [subjectRef('customer', args.customerId)],
  decide: (context, args) => {
    const subject = subjectRef('customer', args.customerId);
    const root = context.read<Customer>(subject).root();
    if (root === null) {
      requireNotErased(context, subject);
      return refuse('not_found', 'There is no such customer.', { reason: 'no-such-customer' });
    }
    return accept([
      { subject, type: 'customer-updated', v: 1, data: { profile: args.profile, previous: pick(root, args.profile) } },
    ]);
  },
});

const importCustomer = defineCommand({
  type: 'customer.import',
  args: z.object({ customerId: z.string().min(1).max(64) }).extend(importedFields.shape),
  subjects: (args) => [subjectRef('customer', args.customerId)],
  decide: (context, args) => {
    const { actor } = context;
    if (actor.kind !== 'system' && !(actor.kind === 'agent' && actor.access.role === 'admin')) {
      return refuse('forbidden', 'Only an administrator may import customers.', { reason: 'admin-only' });
    }
    const { customerId, ...fields } = args;
    const subject = subjectRef('customer', customerId);
    const root = context.read<Customer>(subject).root();
    const previous = root === null ? {} : pick(root, fields.profile);
    return accept([{ subject, type: 'customer-updated', v: 1, data: { ...fields, previous } }]);
  },
});

/**
 * Erases a customer with all conversations (SYNC-L7), so many at once as one event carries.
 * Output: `{ remaining }`, how many subjects there are left; the relay goes on with them by itself.
 */
const erase = defineCommand({
  type: 'customer.erase',
  args: z.object({ customerId: z.string().min(1).max(64) }),
  subjects: (args) => [subjectRef('customer', args.customerId)],
  decide: (context, args) => {
    const { actor } = context;
    if (actor.kind !== 'system' && !(actor.kind === 'agent' && actor.access.role === 'admin')) {
      return refuse('forbidden', 'Only an administrator may erase a customer.', { reason: 'admin-only' });
    }
    const erased = context.erase?.(subjectRef('customer', args.customerId));
    if (erased === undefined) {
      return refuse('unsupported', 'Only the relay erases, when an administrator asks it to.', {
        reason: 'relay-only',
      });
    }
    if (erased.changes.length === 0) {
      return refuse('not_found', 'There is no such customer.', { reason: 'no-such-customer' });
    }
    return accept(erased.changes, { remaining: erased.remaining });
  },
});

function pick(root: Customer, profile: PartialProfile): Partial<Profile> {
  return Object.fromEntries(
    Object.keys(profile).map((field) => [field, root[field as keyof Profile]]),
  ) as Partial<Profile>;
}

function emptyCustomer(id: string, change: FoldChange): Customer {
  return {
    id,
    asOf: change.seq,
    bornSeq: change.seq,
    name: null,
    givenName: null,
    email: null,
    phone: null,
    language: null,
    address: null,
    note: null,
    identities: [],
    orders: [],
    segments: [],
    createdAt: change.at,
    lastSeenAt: change.at,
  };
}

function fold(reader: SubjectReader, change: FoldChange): RowChange[] {
  const id = change.subject.slice('customer:'.length);
  if (change.type === 'customer-erased') return [{ op: 'delete', table: 'customer', id }];
  if (change.type === 'customer-erasure-begun') {
    const {
      bornSeq = change.seq,
      createdAt = change.at,
      lastSeenAt = change.at,
    } = (reader.root() as Customer | null) ?? {};
    const row: Customer = { ...emptyCustomer(id, change), bornSeq, createdAt, lastSeenAt };
    return [{ op: 'put', table: 'customer', row }];
  }
  const root = (reader.root() as Customer | null) ?? emptyCustomer(id, change);
  const asOf = change.seq;
  switch (change.type) {
    case 'customer-seen': {
      const { identity, profile, seenAt } = change.data as z.infer<typeof seenData>;
      const row: Customer = {
        ...root,
        ...definedOnly(profile),
        identities: identity === null ? root.identities : withIdentity(root.identities, identity),
        lastSeenAt: Math.max(root.lastSeenAt, seenAt),
        asOf,
      };
      return [{ op: 'put', table: 'customer', row }];
    }
    case 'customer-updated': {
      const { profile, orders, segments } = change.data as z.infer<typeof importedFields>;
      const row: Customer = {
        ...root,
        ...definedOnly(profile),
        orders: orders ?? root.orders,
        segments: segments ?? root.segments,
        asOf,
      };
      return [{ op: 'put', table: 'customer', row }];
    }
    default:
      return [];
  }
}

function definedOnly(profile: PartialProfile): Partial<Profile> {
  return Object.fromEntries(Object.entries(profile).filter(([, value]) => value !== undefined));
}

function withIdentity(identities: Identity[], identity: Identity): Identity[] {
  const others = identities.filter(
    (known) => known.channelId !== identity.channelId || known.externalId !== identity.externalId,
  );
  return [...others, identity];
}

/**
 * Every agent may see every customer: whoever answers must be able to recognise who writes. Field groups that a role
 * may be kept from come with permissions (row G1).
 */
export const customerKind: SubjectKind = {
  name: 'customer',
  tables: [
    {
      name: 'customer',
      role: 'root',
      columns: { name: 'text', email: 'text', phone: 'text', lastSeenAt: 'integer' },
      indexes: [['phone'], ['email'], ['lastSeenAt']],
      searchText: (row) => {
        const { name, phone, email } = row as Customer;
        // Digits alone as well, since nobody types a number with the spaces it was written with.
        return [name, phone, phone?.replaceAll(/\D/gu, '').replace(/^84(?=\d{9})/u, '0'), email]
          .filter((field) => field !== null && field !== undefined)
          .join('\n');
      },
    },
  ],
  changes,
  commands: [update, importCustomer, erase],
  fold,
  // At once: no later moment is meant.
  effects: ({ type }) => (type === 'customer-erasure-begun' ? [{ kind: 'put-timer', timer: TIMER, dueAt: 0 }] : []),
  timers: { [TIMER]: ({ subjectId }) => ({ type: 'customer.erase', args: { customerId: subjectId } }) },
  erasure: { ownerOf: () => null, change: 'customer-erased', begun: 'customer-erasure-begun' },
  isVisible: () => true,
  visibilityFields: [],
  isHeld: (root, _access, heldSince) => (root as Customer).lastSeenAt >= heldSince,
  heldFields: ['lastSeenAt'],
  tailLength: 0,
};
