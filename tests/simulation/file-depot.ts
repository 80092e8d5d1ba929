import { createHash } from 'node:crypto';
import { AppError } from '../../shared/errors.ts';

export interface DepotState {
  offset: number;
  isComplete: boolean;
}

/** The relay's files, as its file store keeps them: parts per agent, whole ones by the hash of their content. */
export class FileDepot {
  readonly #parts = new Map<string, Uint8Array>();
  readonly #files = new Set<string>();
  readonly #uploaders = new Set<string>();
  readonly #onWhole: (fileId: string, content: Uint8Array) => void;

  constructor(onWhole: (fileId: string, content: Uint8Array) => void) {
    this.#onWhole = onWhole;
  }

  state(fileId: string, agentId: string): DepotState {
    if (this.#uploaders.has(`${fileId} ${agentId}`)) return { offset: Number.MAX_SAFE_INTEGER, isComplete: true };
    return { offset: this.#parts.get(`${fileId} ${agentId}`)?.length ?? 0, isComplete: false };
  }

  /** @throws AppError `conflict` for another offset than the relay's, `invalid` for another content than promised */
  append(step: { fileId: string; agentId: string; size: number; offset: number; content: Uint8Array }): DepotState {
    const { fileId, agentId, size, offset, content } = step;
    const key = `${fileId} ${agentId}`;
    const state = this.state(fileId, agentId);
    if (state.isComplete) return state;
    if (state.offset !== offset) {
      throw new AppError('conflict', `The relay has ${state.offset} bytes.`, { reason: 'upload-offset-mismatch' });
    }
    const whole = Buffer.concat([this.#parts.get(key) ?? new Uint8Array(), content]);
    this.#parts.set(key, whole);
    if (whole.length < size) return { offset: whole.length, isComplete: false };
    this.#parts.delete(key);
    if (hashOf(whole) !== fileId) {
      throw new AppError('invalid', 'The content is not what was promised.', { reason: 'file-hash-mismatch' });
    }
    this.#files.add(fileId);
    this.#uploaders.add(key);
    this.#onWhole(fileId, whole);
    return { offset: size, isComplete: true };
  }

  has(fileId: string): boolean {
    return this.#files.has(fileId);
  }

  isUploader(fileId: string, agentId: string): boolean {
    return this.#uploaders.has(`${fileId} ${agentId}`);
  }

  /** A sweep took it, or a disk lost it. */
  lose(fileId: string): void {
    this.#files.delete(fileId);
    for (const key of [...this.#uploaders]) if (key.startsWith(fileId)) this.#uploaders.delete(key);
  }

  list(): string[] {
    return [...this.#files];
  }
}

export function hashOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
