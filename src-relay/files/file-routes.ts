import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../shared/errors.ts';
import { cleanLine } from '../../shared/primitives/clean-text.ts';
import { answerErrors } from '../http/answer-errors.ts';
import { bearerToken } from '../http/bearer-token.ts';
import { parseInput } from '../http/parse-input.ts';
import { parseByteRange } from './byte-range.ts';
import type { FileStore, StoredFile, UploadState } from './file-store.ts';
import { isShownInline, nameFor } from './file-types.ts';

const fileIdSchema = z.string().regex(/^[0-9a-f]{64}$/);
const uploadParams = z.object({ sha256: fileIdSchema });
const uploadQuery = z.object({ size: z.coerce.number().int().min(0), name: z.string().max(500).default('') });
const uploadOffset = z.coerce.number().int().min(0);
const fileParams = z.object({ id: fileIdSchema });
const fileQuery = z.object({ name: z.string().max(500).default('') });

/** A line on which nothing of an upload has come for so long is dead, whoever is told of it: a machine sleeps. */
const SILENCE_MS = 30_000;

export interface FileRoutesParts {
  files: FileStore;
  /** Who a bearer access token belongs to. @throws AppError `unauthenticated` */
  verifyAccessToken(token: string): Promise<{ agentId: string }>;
  /** Whether the agent may see a subject that shows the file. */
  mayRead(agentId: string, fileId: string): boolean | Promise<boolean>;
  /** How long an upload may say nothing before its connection is ended. */
  silenceMs?: number;
}

/**
 * `HEAD` and `PUT /files/uploads/:sha256` for agents' uploads, `GET /files/:id` for reading. All need an access
 * token. Knowing a hash gives no right: not to read the file, and not to skip its upload.
 */
export function registerFileRoutes(app: FastifyInstance, parts: FileRoutesParts): void {
  const { files, silenceMs = SILENCE_MS } = parts;
  const agentOf = async (request: FastifyRequest): Promise<string> =>
    (await parts.verifyAccessToken(bearerToken(request.headers))).agentId;

  void app.register(
    async (scope) => {
      answerErrors(scope);
      scope.removeAllContentTypeParsers();
      // The body is read by the store as it arrives.
      scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

      scope.head('/uploads/:sha256', async (request, reply) => {
        const agentId = await agentOf(request);
        const { sha256 } = parseInput(uploadParams, request.params);
        const state = await files.uploadState(sha256, agentId);
        return withUploadHeaders(reply, state).code(200).send();
      });

      scope.put('/uploads/:sha256', { bodyLimit: files.limits.maxBytes + 1 }, async (request, reply) => {
        const agentId = await agentOf(request);
        const { sha256 } = parseInput(uploadParams, request.params);
        const { size, name } = parseInput(uploadQuery, request.query);
        const offset = parseInput(uploadOffset, request.headers['upload-offset'] ?? 0);
        const content = request.body instanceof Readable ? request.body : Readable.from([]);
        // Or the next try would be told for ever that this one is under way. Node ends a connection that is silent.
        request.raw.setTimeout(silenceMs);
        try {
          const state = await files.upload({ fileId: sha256, agentId, size, offset, content, name });
          void withUploadHeaders(reply, state);
          return reply.code(state.file === null ? 202 : 200).send(state.file ?? { offset: state.offset });
        } catch (error) {
          // Bytes that nobody reads any more would keep the connection busy.
          if (!request.raw.complete) void reply.header('connection', 'close');
          throw error;
        } finally {
          request.raw.setTimeout(0);
        }
      });

      scope.get('/:id', { exposeHeadRoute: true }, async (request, reply) => {
        const agentId = await agentOf(request);
        const { id } = parseInput(fileParams, request.params);
        const { name } = parseInput(fileQuery, request.query);
        const file = files.find(id);
        // One answer for what is not there and what is not theirs: which hashes exist is nobody's business.
        if (file === null || !(files.isUploader(id, agentId) || (await parts.mayRead(agentId, id)))) throw notFound();
        return sendFile(files, file, name, request, reply);
      });
    },
    { prefix: '/files' },
  );
}

async function sendFile(
  files: FileStore,
  file: StoredFile,
  name: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const tag = `"${file.fileId}"`;
  void reply.headers({
    'content-type': file.mediaType.startsWith('text/') ? `${file.mediaType}; charset=utf-8` : file.mediaType,
    'content-disposition': contentDisposition(file.mediaType, name),
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'same-origin',
    // Asked again each time: the right to see it may have ended.
    'cache-control': 'private, no-cache',
    'accept-ranges': 'bytes',
    etag: tag,
  });
  if (request.headers['if-none-match'] === tag) return reply.code(304).send();
  const range = parseByteRange(request.headers.range, file.size);
  if (range === 'unsatisfiable') {
    return reply
      .code(416)
      .headers({ 'content-range': `bytes */${file.size}`, 'content-type': 'text/plain' })
      .send();
  }
  const opened = await files.read(file.fileId, range ?? undefined);
  if (opened === null) throw notFound();
  const length = range === null ? file.size : range.end - range.start + 1;
  void reply.code(range === null ? 200 : 206).header('content-length', length);
  if (range !== null) void reply.header('content-range', `bytes ${range.start}-${range.end}/${file.size}`);
  return reply.send(opened.content);
}

function withUploadHeaders(reply: FastifyReply, state: UploadState): FastifyReply {
  return reply.headers({
    'upload-offset': String(state.offset),
    'upload-complete': state.file === null ? '?0' : '?1',
    'cache-control': 'no-store',
  });
}

function contentDisposition(mediaType: string, name: string): string {
  const kind = isShownInline(mediaType) ? 'inline' : 'attachment';
  const fitting = nameFor(cleanLine(name.replace(/[/\\]/gu, '_')) || 'file', mediaType);
  const ascii = fitting.replace(/[^\x20-\x7e]|["\\%]/gu, '_');
  const encoded = encodeURIComponent(fitting.toWellFormed()).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16)}`,
  );
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

function notFound(): AppError {
  return new AppError('not_found', 'There is no such file, or none that you may see.', { reason: 'no-such-file' });
}
