import { z } from 'zod';
import { agentRoleSchema } from '../domain/agent/agent-access.ts';
import { webChatSettingsSchema } from '../widget-api/channel-settings.ts';

export const languageSchema = z.enum(['vi', 'en']);

export const workspaceAnswerSchema = z.object({ name: z.string(), language: languageSchema, timeZone: z.string() });

export const agentAnswerSchema = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: agentRoleSchema,
  queueIds: z.array(z.string()),
  languages: z.array(languageSchema),
  isActive: z.boolean(),
  /** False until an invitation was accepted. */
  hasPassword: z.boolean(),
});

/** A link to hand to one person, once. */
export const linkAnswerSchema = z.object({
  url: z.string(),
  /** Epoch ms. */
  expiresAt: z.number(),
});

export const queueAnswerSchema = z.object({
  id: z.string(),
  name: z.string(),
  reopenDays: z.number(),
  keepAssigneeOnReopen: z.boolean(),
  escalationQueueId: z.string().nullable(),
});

export const channelAnswerSchema = z.object({
  id: z.string(),
  kind: z.enum(['web-chat']),
  name: z.string(),
  queueId: z.string(),
  maxTextLength: z.number(),
  /** Public; names the channel in a page's embed code. */
  widgetKey: z.string(),
  settings: webChatSettingsSchema,
});

export const channelWithSecretSchema = z.object({
  channel: channelAnswerSchema,
  /** By which the shop's server vouches for its visitors (HMAC-SHA256 of the customer's id); keep it on that server. */
  identitySecret: z.string(),
  /** To be put into the pages of the shop. */
  embedCode: z.string(),
});

export const cannedReplyAnswerSchema = z.object({
  id: z.string(),
  shortcut: z.string(),
  title: z.string(),
  texts: z.object({ vi: z.string().optional(), en: z.string().optional() }),
  queueIds: z.array(z.string()),
});

export const importAnswerSchema = z.object({ added: z.number(), updated: z.number() });

export const backupAnswerSchema = z.object({
  folder: z.string(),
  /** Seq of the newest event in it. */
  head: z.number(),
  files: z.number(),
  bytes: z.number(),
  /** Files that the database names and the disk does not have. */
  missing: z.number(),
});
