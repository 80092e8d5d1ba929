import { z } from 'zod';
import { agentRoleSchema } from '../domain/agent/agent-access.ts';
import { cleanLine } from '../primitives/clean-text.ts';
import { MIN_PASSWORD_LENGTH, sessionSchema } from '../relay-protocol/auth-api.ts';
import { webChatSettingsSchema } from '../widget-api/channel-settings.ts';
import { MAX_CUSTOMER_TEXT } from '../widget-api/limits.ts';
import type { AdminRoute } from './admin-route.ts';
import {
  agentAnswerSchema,
  backupAnswerSchema,
  cannedReplyAnswerSchema,
  channelAnswerSchema,
  channelWithSecretSchema,
  importAnswerSchema,
  languageSchema,
  linkAnswerSchema,
  queueAnswerSchema,
  workspaceAnswerSchema,
} from './answers.ts';
import { MAX_IMPORT_ROWS, cannedReplyRowSchema, customerRowSchema } from './import-rows.ts';

const nothing = z.object({});
const newId = z
  .string()
  .regex(/^[\w.-]{1,64}$/)
  .describe('id of the new one; made when it is left out')
  .optional();

const agentParams = z.object({ agent: z.string().min(1).max(254).describe('id or e-mail of the agent') });
const queueParams = z.object({ queue: z.string().min(1).max(80).describe('id or name of the queue') });
const channelParams = z.object({ channel: z.string().min(1).max(80).describe('id or name of the channel') });
const cannedReplyParams = z.object({ cannedReply: z.string().min(1).max(64).describe('id or shortcut') });

/** One line without control characters and without what turns the direction of writing. */
const line = (max: number) => z.string().overwrite(cleanLine).min(1).max(max);

const name = line(80);
const queueReference = z.string().min(1).max(80);

const workspaceFields = z.object({
  name: line(120).describe('as customers see it'),
  language: languageSchema.describe('language for customers whose own is not known'),
  timeZone: z.string().min(1).max(64).describe('such as Asia/Ho_Chi_Minh'),
});

const agentFields = z.object({
  name: line(120).describe('as colleagues and customers see it'),
  email: z.email().max(254).describe('by which the agent signs in'),
  role: agentRoleSchema.describe('agent, specialist, manager, lead or admin'),
  queues: z.array(queueReference).max(100).describe('queues, by id or name'),
  languages: z.array(languageSchema).describe('languages the agent writes in'),
});

const queueFields = z.object({
  name: name.describe('as agents see it'),
  reopenDays: z.int().min(0).max(365).describe('days in which a customer’s message reopens a closed conversation'),
  keepAssigneeOnReopen: z.boolean().describe('whether it then goes back to the one who had it'),
  escalationQueue: queueReference.nullable().describe('queue that escalations go to, by id or name'),
});

const channelFields = z.object({
  name: name.describe('as customers see it'),
  queue: queueReference.describe('queue of its new conversations, by id or name'),
  maxTextLength: z.int().min(1).max(MAX_CUSTOMER_TEXT).describe('longest text of one message'),
  allowedOrigins: webChatSettingsSchema.shape.allowedOrigins
    .unwrap()
    .describe('pages that may embed it, such as https://shop.example'),
  language: languageSchema.nullable().describe('language of the widget; none: that of the browser'),
  accentColor: webChatSettingsSchema.shape.accentColor.unwrap().describe('such as #0f766e'),
  preChat: webChatSettingsSchema.shape.preChat.unwrap().describe('questions before the first message'),
  texts: webChatSettingsSchema.shape.texts.unwrap().describe('title, greeting and away text, per language'),
  mayUpload: z.boolean().describe('whether customers may send files'),
  rateLimits: webChatSettingsSchema.shape.rateLimits.unwrap().describe('limits; null lifts them all'),
});

/** Everything an administrator can do, by `noun.verb`. */
export const adminRoutes = {
  'workspace.create': route({
    method: 'POST',
    path: '/workspace',
    does: 'Creates the workspace that this relay serves.',
    body: workspaceFields.extend({
      language: workspaceFields.shape.language.default('vi'),
      timeZone: workspaceFields.shape.timeZone.default('Asia/Ho_Chi_Minh'),
    }),
    answer: workspaceAnswerSchema,
  }),
  'workspace.show': route({
    method: 'GET',
    path: '/workspace',
    does: 'Shows the workspace.',
    answer: workspaceAnswerSchema,
  }),
  'workspace.update': route({
    method: 'PATCH',
    path: '/workspace',
    does: 'Changes what is named of the workspace.',
    body: workspaceFields.partial(),
    answer: workspaceAnswerSchema,
  }),

  'agent.add': route({
    method: 'POST',
    path: '/agents',
    does: 'Adds an agent and answers the link by which they set their password.',
    body: agentFields.extend({
      id: newId,
      role: agentFields.shape.role.default('agent'),
      queues: agentFields.shape.queues.default([]),
      languages: agentFields.shape.languages.default(['vi']),
      password: z.string().min(MIN_PASSWORD_LENGTH).max(1000).describe('instead of an invitation').optional(),
    }),
    answer: z.object({ agent: agentAnswerSchema, invitation: linkAnswerSchema.nullable() }),
  }),
  'agent.list': route({
    method: 'GET',
    path: '/agents',
    does: 'Lists agents.',
    query: z.object({ all: flag().describe('also those who were deactivated') }),
    answer: z.object({ agents: z.array(agentAnswerSchema) }),
  }),
  'agent.update': route({
    method: 'PATCH',
    path: '/agents/:agent',
    does: 'Changes what is named of an agent.',
    params: agentParams,
    body: agentFields.extend({ isActive: z.boolean().describe('true brings a deactivated agent back') }).partial(),
    answer: agentAnswerSchema,
  }),
  'agent.deactivate': route({
    method: 'POST',
    path: '/agents/:agent/deactivate',
    does: 'Ends an agent’s sessions and lets them sign in no more; what they did stays.',
    params: agentParams,
    answer: agentAnswerSchema,
  }),
  'agent.invite': route({
    method: 'POST',
    path: '/agents/:agent/invitation',
    does: 'Makes a new invitation link, good for 72 hours and once.',
    params: agentParams,
    answer: linkAnswerSchema,
  }),
  'agent.reset-password': route({
    method: 'POST',
    path: '/agents/:agent/password-reset',
    does: 'Makes a link to set a new password, good for one hour and once.',
    params: agentParams,
    answer: linkAnswerSchema,
  }),
  'agent.sessions': route({
    method: 'GET',
    path: '/agents/:agent/sessions',
    does: 'Lists where an agent is signed in.',
    params: agentParams,
    answer: z.object({ sessions: z.array(sessionSchema.omit({ isCurrent: true })) }),
  }),
  'agent.revoke': route({
    method: 'DELETE',
    path: '/agents/:agent/sessions',
    does: 'Ends one session of an agent, or all of them.',
    params: agentParams,
    query: z.object({ session: z.string().max(64).describe('id of the session; all when left out').optional() }),
    answer: z.object({ revoked: z.number() }),
  }),

  'queue.add': route({
    method: 'POST',
    path: '/queues',
    does: 'Adds a queue.',
    body: queueFields.extend({
      id: newId,
      reopenDays: queueFields.shape.reopenDays.default(7),
      keepAssigneeOnReopen: queueFields.shape.keepAssigneeOnReopen.default(true),
      escalationQueue: queueFields.shape.escalationQueue.default(null),
    }),
    answer: queueAnswerSchema,
  }),
  'queue.list': route({
    method: 'GET',
    path: '/queues',
    does: 'Lists queues.',
    answer: z.object({ queues: z.array(queueAnswerSchema) }),
  }),
  'queue.update': route({
    method: 'PATCH',
    path: '/queues/:queue',
    does: 'Changes what is named of a queue.',
    params: queueParams,
    body: queueFields.partial(),
    answer: queueAnswerSchema,
  }),
  'queue.delete': route({
    method: 'DELETE',
    path: '/queues/:queue',
    does: 'Deletes a queue that nothing refers to any more.',
    params: queueParams,
    answer: queueAnswerSchema,
  }),

  'channel.add': route({
    method: 'POST',
    path: '/channels',
    does: 'Adds a web-chat channel and answers its embed code.',
    body: channelFields.partial().extend({
      id: newId,
      name: channelFields.shape.name,
      queue: channelFields.shape.queue,
      maxTextLength: channelFields.shape.maxTextLength.default(MAX_CUSTOMER_TEXT),
    }),
    answer: channelWithSecretSchema,
  }),
  'channel.list': route({
    method: 'GET',
    path: '/channels',
    does: 'Lists channels.',
    answer: z.object({ channels: z.array(channelAnswerSchema) }),
  }),
  'channel.show': route({
    method: 'GET',
    path: '/channels/:channel',
    does: 'Shows a channel with its embed code and its identity secret.',
    params: channelParams,
    answer: channelWithSecretSchema,
  }),
  'channel.update': route({
    method: 'PATCH',
    path: '/channels/:channel',
    does: 'Changes what is named of a channel.',
    params: channelParams,
    body: channelFields
      .extend({ rotateIdentitySecret: z.boolean().describe('makes a new identity secret; the old one ends at once') })
      .partial(),
    answer: channelWithSecretSchema,
  }),
  'channel.delete': route({
    method: 'DELETE',
    path: '/channels/:channel',
    does: 'Takes a channel out of service; its conversations stay.',
    params: channelParams,
    answer: channelAnswerSchema,
  }),

  'canned-reply.import': route({
    method: 'POST',
    path: '/canned-replies/import',
    does: 'Adds canned replies, replacing those of the same shortcut.',
    body: z.object({ cannedReplies: z.array(cannedReplyRowSchema).min(1).max(MAX_IMPORT_ROWS) }),
    answer: importAnswerSchema,
  }),
  'canned-reply.list': route({
    method: 'GET',
    path: '/canned-replies',
    does: 'Lists canned replies.',
    answer: z.object({ cannedReplies: z.array(cannedReplyAnswerSchema) }),
  }),
  'canned-reply.delete': route({
    method: 'DELETE',
    path: '/canned-replies/:cannedReply',
    does: 'Deletes a canned reply.',
    params: cannedReplyParams,
    answer: cannedReplyAnswerSchema,
  }),

  'customer.import': route({
    method: 'POST',
    path: '/customers/import',
    does: 'Adds customers with their orders, updating those that are known.',
    body: z.object({
      channel: channelParams.shape.channel
        .describe('channel whose visitors are vouched for by externalId; the only one when left out')
        .optional(),
      customers: z.array(customerRowSchema).min(1).max(MAX_IMPORT_ROWS),
    }),
    answer: importAnswerSchema,
  }),
  'customer.erase': route({
    method: 'DELETE',
    path: '/customers/:customer',
    does: 'Erases a customer with all conversations and files, here and on every console; there is no way back.',
    params: z.object({ customer: z.string().min(1).max(254).describe('id, e-mail or phone number of the customer') }),
    answer: z.object({ customerIds: z.array(z.string()) }),
  }),

  'backup.create': route({
    method: 'POST',
    path: '/backups',
    does: 'Copies database and files into a new folder while the relay runs.',
    body: z.object({ to: z.string().min(1).max(1000).describe('folder to make, on the relay’s machine').optional() }),
    answer: backupAnswerSchema,
  }),
} as const satisfies Record<string, Omit<AdminRoute, 'noun' | 'verb'>>;

export type AdminRouteName = keyof typeof adminRoutes;
export type AdminRouteInput<Name extends AdminRouteName> = z.infer<(typeof adminRoutes)[Name]['params']> &
  z.infer<(typeof adminRoutes)[Name]['query']> &
  z.infer<(typeof adminRoutes)[Name]['body']>;
export type AdminRouteAnswer<Name extends AdminRouteName> = z.infer<(typeof adminRoutes)[Name]['answer']>;

/** The table as a list, each with its noun and verb. */
export function listAdminRoutes(): (AdminRoute & { name: AdminRouteName })[] {
  return Object.entries(adminRoutes).map(([routeName, one]) => {
    const [noun = '', verb = ''] = routeName.split('.');
    return { name: routeName as AdminRouteName, noun, verb, ...one };
  });
}

function route<
  Answer extends z.ZodType,
  Params extends z.ZodObject = typeof nothing,
  Query extends z.ZodObject = typeof nothing,
  Body extends z.ZodObject = typeof nothing,
>(spec: {
  method: AdminRoute['method'];
  path: string;
  does: string;
  params?: Params;
  query?: Query;
  body?: Body;
  answer: Answer;
}) {
  return {
    method: spec.method,
    path: spec.path,
    does: spec.does,
    params: (spec.params ?? nothing) as Params,
    query: (spec.query ?? nothing) as Query,
    body: (spec.body ?? nothing) as Body,
    answer: spec.answer,
  };
}

/** A truth in a query: `?all=true`. */
function flag() {
  return z
    .enum(['true', 'false'])
    .default('false')
    .transform((value) => value === 'true');
}
