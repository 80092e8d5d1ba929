import { AppError } from '../../../shared/errors.ts';
import type { FileStore, PendingFile } from '../outbox/file-store.ts';
import type { RelayHttp, UploadState } from './relay-http.ts';
import type { TokenKeeper } from './token-keeper.ts';

const CHUNK_BYTES = 512 * 1024;
/** Tries without progress before the upload is left for later. */
const MAX_STALLS = 3;

/** Brings pending files to the relay, from where the last try broke off (SYNC-A1). */
export class Uploader {
  readonly #http: RelayHttp;
  readonly #files: FileStore;
  readonly #tokens: TokenKeeper;
  readonly #running = new Map<string, Promise<void>>();

  constructor(http: RelayHttp, files: FileStore, tokens: TokenKeeper) {
    this.#http = http;
    this.#files = files;
    this.#tokens = tokens;
  }

  /** Whether a command that names the file may be submitted. Files that were never added here are the relay's. */
  isReady(fileId: string): boolean {
    return this.#files.find(fileId)?.isUploaded ?? true;
  }

  /** The relay does not have it after all. @returns false when it is not here either */
  mustUploadAgain(fileId: string): boolean {
    if (this.#files.find(fileId) === null) return false;
    this.#files.setUploaded(fileId, false);
    return true;
  }

  /** Uploads a file; one that is under way is waited for. @throws AppError */
  upload(fileId: string): Promise<void> {
    const running = this.#running.get(fileId);
    if (running !== undefined) return running;
    const upload = this.#upload(fileId).finally(() => this.#running.delete(fileId));
    this.#running.set(fileId, upload);
    return upload;
  }

  async #upload(fileId: string): Promise<void> {
    const file = this.#files.find(fileId);
    if (file === null) throw new AppError('not_found', 'The file is not on this device.', { reason: 'no-such-file' });
    let { offset, isComplete } = await this.#http.uploadState(fileId, await this.#tokens.accessToken());
    let stalls = 0;
    while (!isComplete) {
      const content = this.#files.read(fileId, offset, CHUNK_BYTES);
      const state = await this.#step(file, offset, content);
      stalls = state.offset > offset || state.isComplete ? 0 : stalls + 1;
      if (stalls > MAX_STALLS) throw new AppError('retry', 'The upload makes no progress.');
      ({ offset, isComplete } = state);
    }
    this.#files.setUploaded(fileId, true);
  }

  /** One request. Where the two sides disagree on the offset, the relay is asked again. */
  async #step(file: PendingFile, offset: number, content: Uint8Array): Promise<UploadState> {
    const token = await this.#tokens.accessToken();
    try {
      return await this.#http.upload(file, offset, content, token);
    } catch (error) {
      if (error instanceof AppError && error.kind === 'conflict') return this.#http.uploadState(file.id, token);
      throw error;
    }
  }
}
