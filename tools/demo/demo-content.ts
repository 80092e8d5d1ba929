import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { agentRoleSchema } from '../../shared/domain/agent/agent-access.ts';
import { projectRoot } from '../processes/program.ts';

const language = z.enum(['vi', 'en']);

const workspaceFile = z.object({
  workspace: z.object({ name: z.string(), language, timeZone: z.string() }),
  queues: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      reopenDays: z.number(),
      keepAssigneeOnReopen: z.boolean(),
      escalationQueueId: z.string().nullable(),
    }),
  ),
  agents: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      email: z.string(),
      role: agentRoleSchema,
      queueIds: z.array(z.string()),
      languages: z.array(language),
    }),
  ),
  /** E-mail of the agent a newcomer is signed in as. */
  signInAs: z.string(),
  channel: z.object({
    id: z.string(),
    name: z.string(),
    queueId: z.string(),
    maxTextLength: z.number(),
    preChat: z.array(
      z.object({
        id: z.string(),
        label: z.object({ vi: z.string(), en: z.string() }),
        field: z.enum(['name', 'email', 'phone']).nullable(),
        isRequired: z.boolean(),
      }),
    ),
  }),
});

const cannedRepliesFile = z.array(
  z.object({
    id: z.string(),
    shortcut: z.string(),
    title: z.string(),
    texts: z.object({ vi: z.string().optional(), en: z.string().optional() }),
    queueIds: z.array(z.string()),
  }),
);

const customersFile = z.array(
  z.object({
    id: z.string(),
    externalId: z.string(),
    profile: z.object({
      name: z.string(),
      givenName: z.string(),
      email: z.string(),
      phone: z.string(),
      language,
      address: z.string(),
      note: z.string().nullable(),
    }),
    segments: z.array(z.string()),
    orders: z.array(
      z.object({
        number: z.string(),
        status: z.string(),
        total: z.number(),
        currency: z.string(),
        /** Orders are as old as this on the day of the first start. */
        placedDaysAgo: z.number(),
        items: z.array(z.object({ name: z.string(), quantity: z.number(), price: z.number() })),
        trackingUrl: z.string().nullable(),
      }),
    ),
  }),
);

const scriptsFile = z.array(
  z.object({
    id: z.string(),
    customerId: z.string(),
    language,
    /** Title of the page the customer writes from. */
    page: z.string(),
    opening: z.array(z.string()).min(1),
    turns: z.array(
      z.object({
        /** Folded words, any of which counts as an answer to the point. */
        whenSaid: z.array(z.string()),
        say: z.array(z.string()),
        otherwise: z.array(z.string()),
      }),
    ),
    /** Said one by one while nobody answers. */
    impatient: z.array(z.string()),
    closing: z.array(z.string()),
  }),
);

export type DemoCustomerProfile = z.infer<typeof customersFile>[number];
export type CustomerScript = z.infer<typeof scriptsFile>[number];

/** The demo workspace as it lies in `assets/demo`, checked. */
export function readDemoContent() {
  return {
    ...read('workspace.json', workspaceFile),
    cannedReplies: read('canned-replies.json', cannedRepliesFile),
    customers: read('customers.json', customersFile),
    scripts: read('scripts.json', scriptsFile),
  };
}

function read<Schema extends z.ZodType>(name: string, schema: Schema): z.infer<Schema> {
  return schema.parse(JSON.parse(readFileSync(path.join(projectRoot, 'assets/demo', name), 'utf8')));
}
