import { hash } from 'node:crypto';
import { canonicalJson } from '../../shared/primitives/canonical-json.ts';
import type { LogSubmission, Submitter } from './event-log.ts';

/**
 * SHA-256 of what a command asks for and who asks. Two submissions with the same id must agree in it; what may differ
 * from try to try (`isDelayed`, the place in the queue) is left out (SYNC-C2).
 */
export function hashCommand({ command, by }: LogSubmission): Buffer {
  const { type, v, args, base } = command;
  // As text first: a buffer that the hash makes has memory of its own outside of the heap, which is collected apart.
  return Buffer.from(hash('sha256', canonicalJson([submitterRef(by), type, v, args, base]), 'hex'), 'hex');
}

function submitterRef(by: Submitter): string {
  if (by.kind === 'agent') return `agent:${by.agentId}`;
  return by.kind === 'channel' ? `channel:${by.id}` : `system:${by.name}`;
}
