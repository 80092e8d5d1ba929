import type { Attachment } from '../../shared/domain/conversation/message.ts';
import { MAX_UPLOADS_PER_MESSAGE } from '../../shared/widget-api/limits.ts';
import { WidgetApiError } from '../client/widget-api-error.ts';
import type { WidgetClient } from '../client/widget-client.ts';
import { postWithProgress } from './post-with-progress.ts';
import { type TextKey, textKeyOf } from './texts.ts';

export interface TrayFile {
  id: number;
  name: string;
  size: number;
  /** Fraction of it that is on the relay. */
  progress: number;
  /** Set once the relay has it. */
  done: { uploadId: string; attachment: Attachment } | null;
  failure: { key: TextKey; params: Record<string, string | number> } | null;
  /** An object URL to show an image by. */
  preview: string | null;
}

/** Files chosen for the message being written; each is on its way as soon as it is chosen. */
export class UploadTray {
  readonly #client: WidgetClient;
  readonly #onChange: () => void;
  readonly #aborts = new Map<number, AbortController>();
  #made = 0;
  files: readonly TrayFile[] = [];

  constructor(client: WidgetClient, onChange: () => void) {
    this.#client = client;
    this.#onChange = onChange;
  }

  /** @returns false when there were more than a message can carry; the first ones are taken */
  add(chosen: readonly File[], maxBytes: number): boolean {
    const room = MAX_UPLOADS_PER_MESSAGE - this.files.length;
    for (const file of chosen.slice(0, room)) this.#start(file, maxBytes);
    return chosen.length <= room;
  }

  remove(id: number): void {
    this.#aborts.get(id)?.abort();
    this.#set(this.files.filter((file) => file.id !== id));
  }

  /** Empties the tray for the next message. */
  clear(): void {
    this.#set([]);
  }

  #start(file: File, maxBytes: number): void {
    this.#made += 1;
    const id = this.#made;
    const isImage = /^image\/(png|jpeg|gif|webp|avif)$/.test(file.type);
    const preview = isImage ? URL.createObjectURL(file) : null;
    const isTooLarge = file.size > maxBytes;
    const failure = isTooLarge
      ? ({ key: 'file-too-large', params: { limitMb: Math.round(maxBytes / 1024 / 1024) } } as const)
      : null;
    this.#set([...this.files, { id, name: file.name, size: file.size, progress: 0, done: null, failure, preview }]);
    if (!isTooLarge) void this.#upload(id, file);
  }

  async #upload(id: number, file: File): Promise<void> {
    const abort = new AbortController();
    this.#aborts.set(id, abort);
    const fetch = postWithProgress((progress) => this.#change(id, { progress }));
    try {
      const done = await this.#client.upload(file, file.name, { signal: abort.signal, fetch });
      this.#change(id, { done, progress: 1 });
    } catch (error) {
      const body = error instanceof WidgetApiError ? error.body : null;
      const reason = body?.kind === 'unsupported' ? 'file-type-refused' : body?.reason;
      this.#change(id, { failure: { key: textKeyOf(reason, 'upload-failed'), params: body?.params ?? {} } });
    } finally {
      this.#aborts.delete(id);
    }
  }

  #change(id: number, change: Partial<TrayFile>): void {
    this.#set(this.files.map((file) => (file.id === id ? { ...file, ...change } : file)));
  }

  #set(files: readonly TrayFile[]): void {
    for (const { id, preview } of this.files) {
      if (preview !== null && !files.some((file) => file.id === id)) URL.revokeObjectURL(preview);
    }
    this.files = files;
    this.#onChange();
  }
}
