import fs from 'node:fs';
import { inProject } from './project-root.mjs';

/**
 * What Node is told when it runs an entry, however that is started: `node-arguments.json`. The relay's young generation
 * is bounded: V8 lets it grow to 100 MiB while consoles connect and keeps that for good.
 */
export function nodeArgumentsOf(entry) {
  return JSON.parse(fs.readFileSync(inProject('tools', 'launch', 'node-arguments.json'), 'utf8'))[entry] ?? [];
}
