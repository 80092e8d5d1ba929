import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { AppError } from '../../shared/errors.ts';

export const MANIFEST_NAME = 'manifest.json';

/** What a backup holds. It is written last, so that a folder with a manifest is a whole backup. */
export const manifestSchema = z.object({
  format: z.literal(1),
  /** Of the program that made it. */
  version: z.string(),
  /** Epoch ms. */
  createdAt: z.number(),
  /** Lineage of the log; the restored relay gets another. */
  epoch: z.string(),
  head: z.number().int(),
  files: z.array(
    z.object({
      /** Relative, with `/`. */
      path: z.string().regex(/^(relay\.db|signing\.key|files\/[0-9a-f]{2}\/[0-9a-f]{64})$/),
      size: z.number().int(),
      sha256: z.string(),
    }),
  ),
  /** Ids of files that the database named and the disk did not have. */
  missing: z.array(z.string()),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** @throws AppError `invalid` (`backup-incomplete`, `backup-unknown-format`) */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(path.join(folder, MANIFEST_NAME), 'utf8').catch((cause: unknown) => {
    throw new AppError('invalid', `${folder} is no whole backup: it has no readable ${MANIFEST_NAME}.`, {
      reason: 'backup-incomplete',
      cause,
    });
  });
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new AppError('invalid', `${folder} is a backup of another version, or its manifest is damaged.`, {
      reason: 'backup-unknown-format',
      cause,
    });
  }
}

/**
 * Reads every byte of a backup and compares it with its manifest.
 * @throws AppError `invalid`, reason `backup-damaged`, naming the first file that is missing or differs
 */
export async function verifyBackup(folder: string): Promise<Manifest> {
  const manifest = await readManifest(folder);
  for (const file of manifest.files) {
    const full = path.join(folder, file.path);
    const found = await stat(full).catch(() => null);
    const isSame = found?.size === file.size && (await hashFile(full)) === file.sha256;
    if (isSame) continue;
    throw new AppError('invalid', `The backup is damaged: ${file.path} is missing or was changed.`, {
      reason: 'backup-damaged',
      params: { file: file.path },
    });
  }
  return manifest;
}

/** SHA-256, 64 hex digits. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
