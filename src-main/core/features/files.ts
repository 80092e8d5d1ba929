import { conversationRef } from '../../../shared/domain/conversation/decide.ts';
import { CHUNK_BYTES } from './incoming-files.ts';
import { type FeatureContext, type Handlers, ask } from './feature-context.ts';

/** Attachments: handed over by a view, read from this device, fetched from the relay. */
export const fileHandlers: Handlers<'file.begin' | 'file.append' | 'file.finish' | 'file.read'> = {
  'file.begin': (context, { name, size }) => {
    const uploadId = context.makeId();
    context.incomingFiles.begin(uploadId, name, size);
    return { uploadId, chunkSize: CHUNK_BYTES };
  },
  'file.append': (context, { uploadId, offset, content }) => {
    context.incomingFiles.append(uploadId, offset, content);
    return {};
  },
  'file.finish': async (context, { uploadId }) => ({
    // By the clock by which it is forgotten.
    attachment: await context.incomingFiles.finish(uploadId, context.relayNow()),
  }),
  'file.read': async (context, { fileId, conversationId, offset, length }) => {
    const own = context.outbox.files.find(fileId);
    if (own !== null) return encode(context.outbox.files.read(fileId, offset, length), own.size);
    const cached = await ask(context, 'file', { fileId, offset, length });
    if (cached !== null) return encode(cached.content, cached.size);
    const content = await fetchFile(context, fileId, conversationId);
    return encode(content.subarray(offset, offset + length), content.length);
  },
};

async function fetchFile(context: FeatureContext, fileId: string, conversationId: string): Promise<Uint8Array> {
  const content = await context.relay.download(fileId);
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < content.length; start += CHUNK_BYTES) {
    chunks.push(content.subarray(start, start + CHUNK_BYTES));
  }
  await context.cache.putFile(fileId, conversationRef(conversationId), chunks, context.clock.now());
  return content;
}

function encode(content: Uint8Array, size: number): { content: string; size: number } {
  return { content: Buffer.from(content).toString('base64'), size };
}
