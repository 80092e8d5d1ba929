import { z } from 'zod';

/** An origin exactly as browsers send it: scheme, host in lower case, port unless it is the scheme's own. */
export const originSchema = z
  .string()
  .max(300)
  .regex(/^https?:\/\/([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?$/)
  .refine((origin) => !(origin.startsWith('http://') ? origin.endsWith(':80') : origin.endsWith(':443')));

const inBothLanguages = z.object({ vi: z.string().min(1).max(120), en: z.string().min(1).max(120) });

export const preChatQuestionSchema = z.object({
  id: z.string().regex(/^[a-z0-9-]{1,40}$/),
  /** Where the answer goes in the customer's profile; null for a question of the shop's own. */
  field: z.enum(['name', 'email', 'phone']).nullable(),
  label: inBothLanguages,
  isRequired: z.boolean(),
  /** Choices; an empty list asks for text. */
  options: z.array(inBothLanguages).max(12).default([]),
});
export type PreChatQuestion = z.infer<typeof preChatQuestionSchema>;

/** The shop's own words in one language; what is missing is said in the widget's. */
const widgetTextsSchema = z.object({
  title: z.string().max(60).optional(),
  greeting: z.string().max(300).optional(),
  away: z.string().max(300).optional(),
});
export type WidgetTexts = z.infer<typeof widgetTextsSchema>;

const bucketSchema = z.object({
  /** How many may come at once. */
  burst: z.number().int().positive(),
  perMinute: z.number().positive(),
});

export const rateLimitsSchema = z.object({
  sessionsPerAddress: bucketSchema,
  requestsPerAddress: bucketSchema,
  messagesPerVisitor: bucketSchema,
  uploadsPerVisitor: bucketSchema,
});
export type RateLimits = z.infer<typeof rateLimitsSchema>;

export const DEFAULT_RATE_LIMITS: RateLimits = {
  sessionsPerAddress: { burst: 60, perMinute: 60 },
  requestsPerAddress: { burst: 300, perMinute: 600 },
  messagesPerVisitor: { burst: 15, perMinute: 30 },
  uploadsPerVisitor: { burst: 10, perMinute: 10 },
};

/** Settings of a web-chat channel, as an administrator gives them. Its widget key and identity secret are made. */
export const webChatSettingsSchema = z.object({
  /** Origins of the pages that may embed the widget, exactly. */
  allowedOrigins: z.array(originSchema).max(50).default([]),
  language: z.enum(['vi', 'en']).nullable().default(null),
  accentColor: z
    .string()
    .regex(/^#[0-9a-f]{6}$/)
    .default('#0f766e'),
  preChat: z.array(preChatQuestionSchema).max(8).default([]),
  texts: z.object({ vi: widgetTextsSchema, en: widgetTextsSchema }).default({ vi: {}, en: {} }),
  mayUpload: z.boolean().default(true),
  /** Null lifts every limit: for replays and load tests. */
  rateLimits: rateLimitsSchema.nullable().default(DEFAULT_RATE_LIMITS),
});
export type WebChatSettings = z.infer<typeof webChatSettingsSchema>;
export type WebChatSettingsInput = z.input<typeof webChatSettingsSchema>;
