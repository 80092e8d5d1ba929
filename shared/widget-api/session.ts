import { z } from 'zod';
import { cleanLine } from '../primitives/clean-text.ts';
import type { PreChatQuestion, WidgetTexts } from './channel-settings.ts';

const line = (max: number) => z.string().max(max).transform(cleanLine);

/** Who the host page says its visitor is. Only a right `hash` makes it more than a name to show. */
export const visitorIdentitySchema = z.object({
  /** The person's id in the shop's own system. */
  id: z.string().min(1).max(128),
  name: line(120).nullish(),
  email: line(254).nullish(),
  phone: line(32).nullish(),
  /** Hex HMAC-SHA256 over `id`, or over `id.ts` where `ts` is given, keyed by the channel's identity secret. */
  hash: z.string().max(128).nullish(),
  /** Epoch seconds at which the hash was made; it is good for 24 hours. */
  ts: z.number().int().nullish(),
});
export type VisitorIdentity = z.input<typeof visitorIdentitySchema>;

const languageTag = z.string().max(35);

/** Body of `POST /w/v1/:widgetKey/session`. */
export const sessionRequestSchema = z.object({
  /** The secret the visitor's browser keeps; absent on the first visit. */
  visitorToken: z.string().max(128).nullish(),
  identity: visitorIdentitySchema.nullish(),
  page: z
    .object({ url: z.string().max(2_000), title: line(300).nullish(), referrer: z.string().max(2_000).nullish() })
    .nullish(),
  /** A BCP 47 tag; what is not Vietnamese is served in English. */
  locale: languageTag.nullish(),
});
export type SessionRequest = z.input<typeof sessionRequestSchema>;

/** Answer of `POST /w/v1/:widgetKey/session`. */
export interface WidgetSession {
  /** Bearer token for every other call; 24 h, renewed while in use. */
  token: string;
  /** To be kept by the browser; present only when this session made a new visitor. */
  visitorToken?: string;
  visitor: { id: string; verified: boolean };
  /** The conversation the customer's next message continues, if there is one. */
  conversation: { id: string } | null;
  feed: {
    /** Names the feed: another one after the visitor turned out to be somebody known. */
    id: string;
    head: number;
    readUpTo: number;
    /** Agents' entries after `readUpTo`. */
    unread: number;
  };
  config: WidgetConfig;
}

export interface WidgetConfig {
  workspaceName: string;
  channelName: string;
  /** Whether somebody is there to answer now. */
  online: boolean;
  /** The channel's fixed language, or null: the page's. */
  language: 'vi' | 'en' | null;
  accentColor: string;
  preChat: PreChatQuestion[];
  texts: { vi: WidgetTexts; en: WidgetTexts };
  uploads: { isAllowed: boolean; maxBytes: number };
}
