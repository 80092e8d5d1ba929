import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const accountSchema = z.object({ relayUrl: z.string(), agentId: z.string(), email: z.string() });
const contentSchema = z.object({
  /** UUID of this installation. */
  installationId: z.uuid(),
  /** Who was signed in last; null after signing out. */
  lastAccount: accountSchema.nullable(),
  /** Settings made while nobody was signed in, such as the language of the sign-in. */
  settings: z.record(z.string(), z.unknown()),
});

export type LastAccount = z.infer<typeof accountSchema>;
type Content = z.infer<typeof contentSchema>;

/** `console.json`: what is to be known before anybody is signed in. Nothing secret, nothing that cannot be made again. */
export class ConsoleFile {
  readonly #file: string;
  #content: Content;

  /** @param makeId makes a UUID */
  constructor(dataDir: string, makeId: () => string) {
    this.#file = path.join(dataDir, 'console.json');
    const kept = this.#read();
    this.#content = kept ?? { installationId: makeId(), lastAccount: null, settings: {} };
    // What is there is not written again: a full disk would have no room for it (SYNC-F1).
    if (kept === null) this.#write(this.#content);
  }

  get installationId(): string {
    return this.#content.installationId;
  }

  get lastAccount(): LastAccount | null {
    return this.#content.lastAccount;
  }

  setLastAccount(lastAccount: LastAccount | null): void {
    this.#write({ ...this.#content, lastAccount });
  }

  getSetting(key: string): unknown {
    return Object.hasOwn(this.#content.settings, key) ? this.#content.settings[key] : null;
  }

  setSetting(key: string, value: unknown): void {
    this.#write({ ...this.#content, settings: { ...this.#content.settings, [key]: value } });
  }

  #read(): Content | null {
    try {
      return contentSchema.parse(JSON.parse(fs.readFileSync(this.#file, 'utf8')));
    } catch {
      return null;
    }
  }

  #write(content: Content): void {
    const next = `${this.#file}.next`;
    fs.writeFileSync(next, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
    fs.renameSync(next, this.#file);
    this.#content = content;
  }
}
