import type { CacheFolder } from './cache-folder.ts';
import { isDamage } from './open-database.ts';

/**
 * Reads the whole cache file and says whether it is sound (SYNC-F2). Takes about a second for a million messages; runs in
 * a thread of its own.
 */
export function checkCache(folder: CacheFolder): boolean {
  try {
    const database = folder.openReader();
    try {
      return database.pragma('quick_check(1)', { simple: true }) === 'ok';
    } finally {
      database.close();
    }
  } catch (error) {
    if (isDamage(error)) return false;
    throw error;
  }
}
