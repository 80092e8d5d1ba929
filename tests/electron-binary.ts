import fs from 'node:fs';
import path from 'node:path';

/** Path of the Electron binary, or undefined when only its npm package is here. Never fetches it. */
export function findElectronBinary(): string | undefined {
  const folder = path.resolve(import.meta.dirname, '..', 'node_modules', 'electron');
  const pathFile = path.join(folder, 'path.txt');
  if (!fs.existsSync(pathFile)) return undefined;
  const binary = path.join(folder, 'dist', fs.readFileSync(pathFile, 'utf8').trim());
  return fs.existsSync(binary) ? binary : undefined;
}

export const electronAbsence = 'the Electron binary is not here; `npx install-electron` fetches it';
