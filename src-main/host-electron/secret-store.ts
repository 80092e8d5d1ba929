import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { SafeStorage } from 'electron';
import { AppError } from '../../shared/errors.ts';
import { makeDurableFile } from '../core/durable-file.ts';

export interface ConsoleKeys {
  cache: string;
  outbox: string;
}

/**
 * The keys of the console's files, sealed by the operating system's keychain.
 * Made on first use; a file that this keychain cannot open is an error, never replaced: what was not sent lies
 * behind it.
 * @throws AppError `storage` when there is no keychain, or it cannot open the keys
 */
export function readOrMakeSealedKeys(
  folder: string,
  safeStorage: Pick<SafeStorage, 'isEncryptionAvailable' | 'encryptString' | 'decryptString'>,
): ConsoleKeys {
  if (!safeStorage.isEncryptionAvailable()) {
    throw new AppError('storage', 'The keychain of this computer cannot be used; unlock it and start again.', {
      reason: 'keychain-unavailable',
    });
  }
  const file = path.join(folder, 'keys.sealed');
  if (existsSync(file)) return open(file, safeStorage);
  const keys: ConsoleKeys = { cache: randomBytes(32).toString('hex'), outbox: randomBytes(32).toString('hex') };
  mkdirSync(folder, { recursive: true });
  // On the disk before anything is encrypted with them.
  makeDurableFile(file, safeStorage.encryptString(JSON.stringify(keys)));
  return keys;
}

function open(file: string, safeStorage: Pick<SafeStorage, 'decryptString'>): ConsoleKeys {
  try {
    return JSON.parse(safeStorage.decryptString(readFileSync(file))) as ConsoleKeys;
  } catch (cause) {
    throw new AppError(
      'storage',
      `The keychain of this computer cannot open ${file}; sign in as the user who made it.`,
      {
        reason: 'keys-not-openable',
        cause,
      },
    );
  }
}
