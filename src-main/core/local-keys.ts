import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { AppError } from '../../shared/errors.ts';
import { makeDurableFile } from './durable-file.ts';

const key = z.string().regex(/^[0-9a-f]{64}$/);
const keysSchema = z.object({ cache: key, outbox: key });

/** 256-bit keys as 64 hex digits: one for what can be fetched again, one for what nobody else has. */
export type ConsoleKeys = z.infer<typeof keysSchema>;

/**
 * The keys of a console's files, for hosts without a keychain: in a file that only its owner may read, made on first
 * use. Protects copies of the databases, not a disk on which this file lies too.
 * @throws AppError `storage` when the file is damaged; it is never replaced, since what was not sent lies behind it
 */
export function readOrMakeLocalKeys(folder: string): ConsoleKeys {
  const file = path.join(folder, 'console.keys.json');
  mkdirSync(folder, { recursive: true });
  if (existsSync(file)) return read(file);
  const keys: ConsoleKeys = { cache: randomBytes(32).toString('hex'), outbox: randomBytes(32).toString('hex') };
  // On the disk before anything is encrypted with them.
  makeDurableFile(file, `${JSON.stringify(keys)}\n`);
  return keys;
}

function read(file: string): ConsoleKeys {
  try {
    chmodSync(file, 0o600);
    return keysSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new AppError('storage', `The keys in ${file} cannot be read; put the file back from a copy.`, {
      reason: 'keys-not-readable',
      cause,
    });
  }
}
