import { byteLength } from '../primitives/clean-text.ts';
import { MAX_COMMAND_BYTES } from './commands.ts';

/** That JSON takes for one character of a string: a control as \u0000, or three bytes of UTF-8. */
const MOST_BYTES = 6;
/** For anything but what is in strings: a number, a word, and what stands around it. */
const BYTES_BESIDE = 32;

/** Whether a command, or what of it is known yet, takes more room as JSON than any may (SYNC-C1). */
export function isTooLarge(command: object): boolean {
  // Nearly always it is smaller than it may be by any count, which is known without putting it into text.
  return mostBytes(command) > MAX_COMMAND_BYTES && byteLength(JSON.stringify(command)) > MAX_COMMAND_BYTES;
}

/** More than its JSON can be. */
function mostBytes(value: unknown): number {
  if (typeof value === 'string') return BYTES_BESIDE + value.length * MOST_BYTES;
  let bytes = BYTES_BESIDE;
  if (typeof value !== 'object' || value === null) return bytes;
  for (const key of Object.keys(value)) {
    bytes += key.length * MOST_BYTES + mostBytes((value as Record<string, unknown>)[key]);
    if (bytes > MAX_COMMAND_BYTES) break;
  }
  return bytes;
}
