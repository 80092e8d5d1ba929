import { fileURLToPath } from 'node:url';
import path from 'node:path';

/** Absolute path of the repository, whatever folder the command was typed in. */
export const projectRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

export function inProject(...parts) {
  return path.join(projectRoot, ...parts);
}
