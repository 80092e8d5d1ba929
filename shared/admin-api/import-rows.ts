import { z } from 'zod';
import { orderSchema, profileSchema } from '../domain/customer/customer.ts';
import { cleanLine } from '../primitives/clean-text.ts';
import { languageSchema } from './answers.ts';

/** Most rows of one import request; the CLI sends larger files in several. */
export const MAX_IMPORT_ROWS = 1000;

const id = z.string().regex(/^[\w.@+-]{1,64}$/, 'letters, digits and . _ @ + - only, 64 at most');

/** A canned reply as it is imported. A reply of the same shortcut is replaced. */
export const cannedReplyRowSchema = z.object({
  id: id.optional(),
  shortcut: z.string().regex(/^[\p{L}\p{N}-]{1,40}$/u, 'letters, digits and hyphens only, 40 at most'),
  title: z.string().overwrite(cleanLine).min(1).max(120),
  texts: z
    .object({ vi: z.string().min(1).max(5000).optional(), en: z.string().min(1).max(5000).optional() })
    .refine((texts) => texts.vi !== undefined || texts.en !== undefined, 'a text in vi or en is needed'),
  /** Queues, by id or name; empty for all. */
  queues: z.array(z.string().min(1).max(80)).max(50).default([]),
});
export type CannedReplyRow = z.infer<typeof cannedReplyRowSchema>;

const profile = profileSchema.partial().shape;

/** A customer as the shop's own system knows them. One with the same `id` or `externalId` is updated. */
export const customerRowSchema = z
  .object({
    id: id.optional(),
    /** The id in the shop's system, as its pages vouch for it in the web chat. */
    externalId: z.string().min(1).max(200).optional(),
    ...profile,
    email: profile.email.refine(
      (email) => email === undefined || email === null || email === '' || /^[^\s@]+@[^\s@]+$/.test(email),
      'not an e-mail address',
    ),
    language: languageSchema.nullable().optional(),
    segments: z.array(z.string().min(1).max(40)).max(20).optional(),
    orders: z.array(orderSchema).max(100).optional(),
  })
  .refine((row) => row.id !== undefined || row.externalId !== undefined, 'id or externalId is needed');
export type CustomerRow = z.infer<typeof customerRowSchema>;
