import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CoreOutput } from '../../shared/core-api/requests.ts';
import { AppError } from '../../shared/errors.ts';
import { makeUuidV7 } from '../../shared/primitives/uuid-v7.ts';
import type { HeadlessConsole } from '../processes/headless-console.ts';
import type { AgentEnd } from './play-conversation.ts';

const RETRY_MS = 200;
const PAGE = 200;

/** A headless console as the agent's end of replayed conversations. */
export class HeadlessAgent implements AgentEnd {
  readonly console: HeadlessConsole;
  /** Messages known to be in the cache, and when they were first seen there. */
  readonly #seen = new Map<string, number>();
  readonly #waiting = new Map<string, (at: number) => void>();
  readonly #looking = new Set<string>();
  /** Changed while they were being looked at. */
  readonly #lookAgain = new Set<string>();
  readonly #watched = new Map<string, number>();

  constructor(console: HeadlessConsole) {
    this.console = console;
    console.onPush('arrived', ({ messageId }) => this.#note(messageId, performance.now()));
    // Of messages in conversations that somebody else has, only the change of the subject is told.
    console.onPush('changed', ({ subjects }) => {
      const at = performance.now();
      for (const subject of subjects) {
        const conversationId = subject.replace(/^conversation:/u, '');
        if (conversationId !== subject && this.#watched.has(conversationId)) void this.#look(conversationId, at);
      }
    });
  }

  async waitForMessage(conversationId: string, messageId: string): Promise<number> {
    const known = this.#seen.get(messageId);
    if (known !== undefined) return known;
    this.#watched.set(conversationId, (this.#watched.get(conversationId) ?? 0) + 1);
    const arrived = new Promise<number>((resolve) => this.#waiting.set(messageId, resolve));
    // A console that was killed missed its pushes: look again now and then until it is there.
    const looking = this.#lookUntil(conversationId, messageId);
    const at = await arrived;
    await looking;
    this.#watched.delete(conversationId);
    return at;
  }

  async reply(conversationId: string, text: string): Promise<void> {
    const ids = { messageId: makeId(), commandId: makeId() };
    for (;;) {
      try {
        await this.console.request('message.send', { conversationId, text, ...ids });
        return;
      } catch (error) {
        // The console died before it answered: the same ids make sure that it is not said twice.
        if (!(error instanceof AppError) || error.kind !== 'retry') throw error;
        await sleep(RETRY_MS);
      }
    }
  }

  /** Every message of a conversation as this console shows it, oldest first. */
  async readAll(conversationId: string): Promise<{ id: string; text: string; author: string; state: string | null }[]> {
    const lines: { id: string; text: string; author: string; state: string | null }[] = [];
    let before: number | null = null;
    for (;;) {
      const page: CoreOutput<'message.list'> = await this.console.request('message.list', {
        conversationId,
        before,
        limit: PAGE,
      });
      const shown = page.messages.filter((message) => message.kind === 'public');
      lines.unshift(...shown.map((one) => ({ id: one.id, text: one.text, author: one.author.kind, state: one.state })));
      if (!page.hasOlder || page.messages.length === 0) return lines;
      before = page.messages[0]!.position;
    }
  }

  async #lookUntil(conversationId: string, messageId: string): Promise<void> {
    while (!this.#seen.has(messageId)) {
      await sleep(1000);
      if (!this.#seen.has(messageId)) await this.#look(conversationId, performance.now());
    }
  }

  async #look(conversationId: string, at: number): Promise<void> {
    if (this.#looking.has(conversationId)) {
      this.#lookAgain.add(conversationId);
      return;
    }
    this.#looking.add(conversationId);
    try {
      do {
        this.#lookAgain.delete(conversationId);
        const { messages } = await this.console.request('message.list', { conversationId, limit: 30 });
        for (const message of messages) this.#note(message.id, at);
      } while (this.#lookAgain.has(conversationId));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    } finally {
      this.#looking.delete(conversationId);
    }
  }

  #note(messageId: string, at: number): void {
    if (this.#seen.has(messageId)) return;
    this.#seen.set(messageId, at);
    this.#waiting.get(messageId)?.(at);
    this.#waiting.delete(messageId);
  }
}

function makeId(): string {
  return makeUuidV7(Date.now(), randomBytes(10));
}
