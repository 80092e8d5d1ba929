import { Readable } from 'node:stream';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { AppError } from '../../../shared/errors.ts';
import type { Clock, Random } from '../../../shared/primitives/clock.ts';
import { networkOf } from '../../../shared/primitives/network-of.ts';
import type { RateLimits } from '../../../shared/widget-api/channel-settings.ts';
import { type FeedPage, feedQuerySchema, readMarkSchema } from '../../../shared/widget-api/feed.ts';
import { MAX_UPLOAD_BYTES } from '../../../shared/widget-api/limits.ts';
import {
  type UploadAccepted,
  customerMessageSchema,
  offlineMessageSchema,
} from '../../../shared/widget-api/messages.ts';
import { sessionRequestSchema } from '../../../shared/widget-api/session.ts';
import type { ChannelHost } from '../channel.ts';
import type { CustomerMessages } from './customer-messages.ts';
import type { LiveFeed } from './live-feed.ts';
import { isOwnOrigin, refuseOrigin } from './origin-check.ts';
import { sessionOver } from './session-over.ts';
import { randomToken } from './random-token.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { ReadingMarks } from './reading-marks.ts';
import type { VisitorSessions } from './visitor-sessions.ts';
import type { WebChatVisitor } from './visitor-store.ts';
import type { VisitorTokens } from './visitor-token.ts';
import type { WebChatStore } from './web-chat-store.ts';

export interface WebChatParts {
  host: ChannelHost;
  store: WebChatStore;
  live: LiveFeed;
  messages: CustomerMessages;
  marks: ReadingMarks;
  sessions: VisitorSessions;
  tokens: VisitorTokens;
  limiter: RateLimiter;
  clock: Clock;
  random: Random;
}

/** A file weighs as much as so many plain requests. */
const UPLOAD_COST = 20;
const BODY_LIMIT_BYTES = 64 * 1024;
const ALLOWED_HEADERS = 'authorization, content-type, idempotency-key';
const PREFLIGHT_SECONDS = '600';
/** Shown inside the page by the browser; everything else is only ever saved. */
const SHOWN_TYPES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif']);

/** The widget's HTTP API under `/w/v1`. */
export async function registerHttpRoutes(app: FastifyInstance, parts: WebChatParts): Promise<void> {
  await app.register(multipart, { limits: { fileSize: MAX_UPLOAD_BYTES, files: 1, fields: 4, parts: 5 } });
  app.addHook('onRequest', (request, reply, done) => {
    answerOrigin(parts, request, reply);
    done();
  });
  app.setNotFoundHandler(() => {
    throw new AppError('not_found', 'There is nothing at this address.', { reason: 'no-such-page' });
  });
  app.options('/*', async (_request, reply) => await reply.code(204).send());

  app.post<{ Params: { widgetKey: string } }>(
    '/:widgetKey/session',
    { bodyLimit: BODY_LIMIT_BYTES },
    async (request) => {
      const channel = parts.store.channels.findByWidgetKey(request.params.widgetKey);
      if (channel === null)
        throw new AppError('not_found', 'There is no such web chat.', { reason: 'no-such-channel' });
      const { origin } = request.headers;
      const { allowedOrigins, rateLimits } = channel.settings;
      if (origin === undefined || !allowedOrigins.includes(origin)) refuseOrigin(origin);
      parts.limiter.take(rateLimits, 'sessionsPerAddress', channel.channelId, networkOf(request.ip));
      return await parts.sessions.open(channel, parse(sessionRequestSchema, request.body));
    },
  );

  app.post('/messages', { bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => {
    const visitor = await authenticate(parts, request, reply);
    const written = parse(customerMessageSchema, request.body);
    const key = request.headers['idempotency-key'];
    if (key !== undefined && key !== written.clientId) {
      throw new AppError('invalid', 'Idempotency-Key and clientId differ.', { reason: 'idempotency-key-differs' });
    }
    limit(parts, visitor, 'messagesPerVisitor', visitor.visitorId);
    const { clientId, text, attachments, answers } = written;
    const accepted = { clientId, text, attachments, answers: answers ?? {}, profile: {} };
    const { body, isNew } = await parts.messages.accept(visitor, accepted);
    return await reply.code(isNew ? 201 : 200).send(body);
  });

  app.get('/messages', async (request, reply) => {
    const visitor = await authenticate(parts, request, reply);
    const query = parse(feedQuerySchema, request.query);
    const { feed } = parts.store;
    if (query.beforeSeq !== undefined) return feed.listBefore(visitor.customerId, query.beforeSeq, query.limit);
    return await readAfter(parts, visitor.customerId, query, closedSignal(reply));
  });

  app.post('/read', { bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => {
    const visitor = await authenticate(parts, request, reply);
    const { upTo } = parse(readMarkSchema, request.body);
    await parts.marks.noteRead(visitor.customerId, upTo);
    return await reply.code(204).send();
  });

  app.post('/offline', { bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => {
    const visitor = await authenticate(parts, request, reply);
    const { clientId, text, name, email, phone, website } = parse(offlineMessageSchema, request.body);
    if (!email && !phone) {
      throw new AppError('invalid', 'Say how we can reach you.', { reason: 'contact-missing' });
    }
    limit(parts, visitor, 'messagesPerVisitor', visitor.visitorId);
    // A program filled the field that people do not see: it is told what a person would be.
    if (!website) {
      const profile = { name: name || null, email: email || null, phone: phone || null };
      await parts.messages.accept(visitor, { clientId, text, attachments: [], answers: {}, profile });
    }
    return await reply.code(202).send({ accepted: true });
  });

  app.post('/uploads', async (request, reply) => {
    const visitor = await authenticate(parts, request, reply);
    if (parts.store.channels.get(visitor.channelId)?.settings.mayUpload !== true) {
      throw new AppError('forbidden', 'This web chat takes no files.', { reason: 'uploads-off' });
    }
    limit(parts, visitor, 'uploadsPerVisitor', visitor.visitorId);
    // A program may make itself many visitors, but not many addresses.
    limit(parts, visitor, 'requestsPerAddress', networkOf(request.ip), UPLOAD_COST);
    return await reply.code(201).send(await takeUpload(parts, visitor, request));
  });

  app.get<{ Params: { fileId: string } }>('/files/:fileId', async (request, reply) => {
    const visitor = await authenticate(parts, request, reply);
    const { fileId } = request.params;
    const file = parts.store.feed.mayFetchFile(visitor.customerId, fileId) ? await parts.host.readFile(fileId) : null;
    if (file === null) throw new AppError('not_found', 'There is no such file.', { reason: 'no-such-file' });
    return await reply
      .header('content-length', file.size)
      .header('content-disposition', SHOWN_TYPES.has(file.mediaType) ? 'inline' : 'attachment')
      .header('content-security-policy', `sandbox; default-src 'none'`)
      .header('x-content-type-options', 'nosniff')
      .header('cache-control', 'private, max-age=86400, immutable')
      .type(file.mediaType)
      .send(Readable.from(file.content));
  });
}

/**
 * Exact-origin CORS without credentials. Pages of other sites are refused outright; the origin of the channel at hand
 * is checked once the channel is known.
 */
function answerOrigin(parts: WebChatParts, request: FastifyRequest, reply: FastifyReply): void {
  const { origin } = request.headers;
  reply.header('vary', 'origin');
  if (origin === undefined || isOwnOrigin(origin, request.host)) return;
  if (!parts.store.channels.isOriginAllowedAnywhere(origin)) refuseOrigin(origin);
  reply
    .header('access-control-allow-origin', origin)
    .header('access-control-expose-headers', 'liendesk-token, retry-after');
  if (request.method !== 'OPTIONS') return;
  reply
    .header('access-control-allow-methods', 'GET, POST')
    .header('access-control-allow-headers', ALLOWED_HEADERS)
    .header('access-control-max-age', PREFLIGHT_SECONDS);
}

/** The visitor of the bearer token; answers with a new token when this one has aged. */
async function authenticate(
  parts: WebChatParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<WebChatVisitor> {
  const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const { visitorId, isDueForRenewal } = await parts.tokens.verify(token);
  const visitor = parts.store.visitors.findVisitor(visitorId);
  const channel = visitor === null ? null : parts.store.channels.get(visitor.channelId);
  const customer = visitor === null ? null : parts.store.visitors.findCustomer(visitor.customerId);
  if (visitor === null || channel === null || customer === null) {
    throw sessionOver();
  }
  const { origin } = request.headers;
  const { allowedOrigins, rateLimits } = channel.settings;
  if (origin !== undefined && !isOwnOrigin(origin, request.host) && !allowedOrigins.includes(origin)) {
    refuseOrigin(origin);
  }
  parts.limiter.take(rateLimits, 'requestsPerAddress', channel.channelId, networkOf(request.ip));
  if (isDueForRenewal) reply.header('liendesk-token', await parts.tokens.issue(visitorId));
  return { ...visitor, customerId: customer.customerId };
}

function limit(parts: WebChatParts, visitor: WebChatVisitor, name: keyof RateLimits, who: string, cost = 1): void {
  const rateLimits = parts.store.channels.get(visitor.channelId)?.settings.rateLimits ?? null;
  parts.limiter.take(rateLimits, name, visitor.channelId, who, cost);
}

/** Entries after a position, at once or as soon as there are some. To ask is to have received all before. */
async function readAfter(
  parts: WebChatParts,
  customerId: string,
  query: z.output<typeof feedQuerySchema>,
  closed: AbortSignal,
): Promise<FeedPage> {
  const afterSeq = query.afterSeq ?? 0;
  if (query.wait > 0) await parts.marks.noteReceived(customerId, afterSeq);
  const page = parts.store.feed.listAfter(customerId, afterSeq, query.limit);
  if (page.entries.length > 0 || query.wait === 0) return page;
  await parts.live.sleep(customerId, query.wait * 1000, closed);
  return parts.store.feed.listAfter(customerId, afterSeq, query.limit);
}

function closedSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => controller.abort());
  return controller.signal;
}

async function takeUpload(
  parts: WebChatParts,
  visitor: WebChatVisitor,
  request: FastifyRequest,
): Promise<UploadAccepted> {
  const file = await request.file().catch((error: unknown) => {
    throw asUploadError(error);
  });
  if (file === undefined) throw new AppError('invalid', 'The form holds no file.', { reason: 'upload-broken' });
  const attachment = await parts.host.storeFile(file.filename, boundedContent(file.file));
  const uploadId = randomToken(parts.random, 16);
  parts.store.inTransaction(() => {
    // Erased while it was sent: nobody is to find their file's name here.
    if (parts.store.visitors.findVisitor(visitor.visitorId) === null) throw sessionOver();
    parts.store.inbound.addUpload(uploadId, visitor.visitorId, attachment, parts.clock.now());
    parts.store.feed.allowFile(visitor.customerId, attachment.fileId);
  });
  // Somebody who had the same file was erased before it was this visitor's as well.
  if (!parts.host.hasFile(attachment.fileId)) {
    throw new AppError('retry', 'Send the file once more.', { reason: 'upload-broken' });
  }
  return { uploadId, attachment };
}

async function* boundedContent(content: Readable & { truncated?: boolean }): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of content) yield chunk as Uint8Array;
  } catch (error) {
    throw asUploadError(error);
  }
  // The parser cuts what is over the limit, and says so at the end.
  if (content.truncated === true) {
    throw new AppError('too_large', `A file may be at most ${MAX_UPLOAD_BYTES / 1024 / 1024} MB.`, {
      reason: 'file-too-large',
      params: { limitMb: MAX_UPLOAD_BYTES / 1024 / 1024 },
    });
  }
}

function asUploadError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const { statusCode } = error as { statusCode?: number };
  if (statusCode === 413) return new AppError('too_large', 'The form is too large.', { reason: 'file-too-large' });
  if (statusCode === 406) return new AppError('unsupported', 'Send files as a form.', { reason: 'upload-broken' });
  return new AppError('invalid', 'The upload is broken.', { reason: 'upload-broken', cause: error });
}

function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.map(String).join('.') ?? '';
  throw new AppError('invalid', `${field === '' ? 'The request' : field}: ${issue?.message ?? 'is not understood'}`, {
    reason: 'request-invalid',
    params: { field },
  });
}
