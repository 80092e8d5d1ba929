import { setTimeout as sleep } from 'node:timers/promises';
import type { CoreInput, CoreOutput, CoreRequestName } from '../../shared/core-api/requests.ts';
import { AppError } from '../../shared/errors.ts';
import type { Attachment } from '../../shared/domain/conversation/message.ts';
import type { Random } from '../../shared/primitives/clock.ts';
import { makeUuidV7 } from '../../shared/primitives/uuid-v7.ts';
import type { ConsoleUnderTest } from './console-under-test.ts';
import { type History, type IssuedCommand, marksIn } from './history.ts';

const RETRY_MS = 250;
const PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const;
const TAGS = ['refund', 'delivery', 'vip', 'warranty'];

export interface AgentParts {
  console: ConsoleUnderTest;
  history: History;
  random: Random;
  /** Queues between which conversations are moved. */
  queueIds: readonly string[];
  /** Longest pause between two things an agent does. */
  paceMs: number;
}

type Ids = { commandId: string; messageId?: string };

/** An agent who works without pause: one thing after the other, whatever happens to the console meanwhile. */
export class WorkingAgent {
  readonly #parts: AgentParts;
  #isStopping = false;
  /** Refusals on the spot because the disk was full or read-only. */
  storageRefusals = 0;
  /** Things in the attention list that were decided. */
  decisions = 0;

  constructor(parts: AgentParts) {
    this.#parts = parts;
    parts.console.headless.onPush('signedOut', () => {
      parts.history.cursors.push({ console: parts.console.number, what: 'signed-out' });
    });
    parts.console.headless.onPush('status', ({ cursor, state, notice }) => {
      if (state === 'online' || state === 'catching-up') parts.history.sawStatus(parts.console.number, cursor, notice);
    });
  }

  stop(): void {
    this.#isStopping = true;
  }

  /** Until it is told to stop, and what it began is answered. */
  async work(): Promise<void> {
    while (!this.#isStopping) {
      await this.#pause();
      await this.workOnce();
    }
  }

  /** Does one thing, or nothing where the console is away or holds no conversation. */
  async workOnce(): Promise<void> {
    try {
      const conversationId = await this.#pickConversation();
      if (conversationId !== null) await this.#doSomething(conversationId);
    } catch (error) {
      // The console is away, or not signed in yet. What matters was written down where it happened.
      if (!(error instanceof AppError)) throw error;
      if (error.kind === 'unauthenticated') await this.#parts.console.signInAgain().catch(() => undefined);
      await sleep(RETRY_MS);
    }
  }

  async #doSomething(conversationId: string): Promise<void> {
    const conversationIds = [conversationId];
    const { agentId } = this.#parts.console;
    const dice = this.#random();
    if (dice < 0.38) await this.#reply(conversationId, this.#text());
    else if (dice < 0.5) await this.#note(conversationId);
    else if (dice < 0.56) await this.#give('conversation.assign', { conversationIds, agentId });
    else if (dice < 0.6) await this.#give('conversation.assign', { conversationIds, agentId: null });
    else if (dice < 0.66) await this.#give('conversation.close', { conversationIds });
    else if (dice < 0.69) await this.#replyAndClose(conversationId);
    else if (dice < 0.72) await this.#give('conversation.reopen', { conversationIds });
    else if (dice < 0.75) await this.#give('conversation.wait', { conversationIds });
    else if (dice < 0.8) {
      await this.#give('conversation.tag', { conversationId, add: [this.#pick(TAGS)], remove: [this.#pick(TAGS)] });
    } else if (dice < 0.83) {
      await this.#give('conversation.setPriority', { conversationId, priority: this.#pick(PRIORITIES) });
    } else if (dice < 0.85) {
      await this.#give('conversation.move', { conversationIds, queueId: this.#pick(this.#parts.queueIds) });
    } else if (dice < 0.9) await this.#draft(conversationId);
    else if (dice < 0.94) await this.#attach(conversationId);
    else await this.#decide();
  }

  async #reply(conversationId: string, text: string, attachments: Attachment[] = []): Promise<boolean> {
    const ids = { commandId: this.#makeId(), messageId: this.#makeId() };
    return this.#issue('message.send', { conversationId, text, attachments, ...ids }, [conversationId], text, ids);
  }

  async #note(conversationId: string): Promise<void> {
    const text = this.#text();
    const ids = { commandId: this.#makeId(), messageId: this.#makeId() };
    await this.#issue('note.add', { conversationId, text, ...ids }, [conversationId], text, ids);
  }

  async #replyAndClose(conversationId: string): Promise<void> {
    if (await this.#reply(conversationId, this.#text())) {
      await this.#give('conversation.close', { conversationIds: [conversationId] });
    }
  }

  async #give<Name extends CoreRequestName>(name: Name, input: CoreInput<Name>): Promise<void> {
    const ids = { commandId: this.#makeId() };
    const { conversationIds, conversationId } = input as { conversationIds?: string[]; conversationId?: string };
    await this.#issue(name, { ...input, ...ids }, conversationIds ?? [conversationId!], '', ids);
  }

  /** What was left in the box is sent; an empty one is begun. */
  async #draft(conversationId: string): Promise<void> {
    const { reply } = await this.#ask('draft.get', { conversationId });
    const draft = { conversationId, kind: 'reply' as const, caret: 0, attachments: [] };
    if (reply === null || reply.text === '') {
      const text = this.#text();
      await this.#ask('draft.save', { ...draft, text });
    } else if (await this.#reply(conversationId, reply.text, reply.attachments)) {
      await this.#ask('draft.save', { ...draft, text: '' });
    }
  }

  async #attach(conversationId: string): Promise<void> {
    const content = Buffer.alloc(2000 + Math.floor(this.#random() * 60_000), this.#text());
    const { uploadId } = await this.#ask('file.begin', { name: 'bill.txt', size: content.length });
    await this.#ask('file.append', { uploadId, offset: 0, content: content.toString('base64') });
    const { attachment } = await this.#ask('file.finish', { uploadId });
    await this.#reply(conversationId, this.#text(), [attachment]);
  }

  /** Decides about something in the attention list. */
  async #decide(): Promise<void> {
    const { items } = await this.#ask('attention.list', {});
    const item = items[Math.floor(this.#random() * items.length)];
    if (item === undefined) return;
    const dice = this.#random();
    const action = dice < 0.5 ? 'send-anyway' : dice < 0.8 ? 'edit' : 'discard';
    // Before it is done: whether the console died before or after is not known.
    const { discarded } = this.#parts.history;
    for (const { commandId } of [item, ...item.blocked]) discarded.add(commandId);
    if (action === 'discard') {
      const texts = [item.text, ...item.blocked.map(({ text }) => text)];
      for (const mark of texts.flatMap((text) => marksIn(text ?? ''))) discarded.add(mark);
    }
    await this.#ask('attention.resolve', { commandId: item.commandId, action });
    this.decisions += 1;
  }

  /**
   * Asks until the console has answered for good, under the same ids, as a view does that lost its core.
   * @returns whether it was taken
   */
  async #issue<Name extends CoreRequestName>(
    name: Name,
    input: CoreInput<Name>,
    conversationIds: string[],
    text: string,
    ids: Ids,
  ): Promise<boolean> {
    const { console, history } = this.#parts;
    const issued: IssuedCommand = {
      console: console.number,
      commandId: ids.commandId,
      messageId: ids.messageId ?? null,
      type: name,
      conversationIds,
      marks: marksIn(text),
      outcome: 'unknown',
      error: null,
    };
    history.issued.push(issued);
    for (let tries = 1; ; tries += 1) {
      try {
        await console.headless.request(name, input);
        issued.outcome = 'taken';
        return true;
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        if (error.kind === 'retry') {
          await sleep(RETRY_MS);
          continue;
        }
        issued.error = `${error.kind} ${error.details.reason ?? ''}`.trim();
        if (error.kind === 'storage') this.storageRefusals += 1;
        // A first answer is what happened; a later one may speak of what an earlier try did.
        if (tries === 1) issued.outcome = 'refused';
        return false;
      }
    }
  }

  async #ask<Name extends CoreRequestName>(name: Name, input: CoreInput<Name>): Promise<CoreOutput<Name>> {
    return this.#parts.console.headless.request(name, input);
  }

  async #pickConversation(): Promise<string | null> {
    const { items } = await this.#ask('conversation.list', { filter: { view: 'open' }, limit: 50 });
    if (items.length > 0) return this.#pick(items).id;
    const closed = await this.#ask('conversation.list', { filter: { view: 'closed' }, limit: 50 });
    return closed.items.length === 0 ? null : this.#pick(closed.items).id;
  }

  /** Mostly a line, now and then a long text that needs pages of its own. */
  #text(): string {
    const mark = this.#parts.history.newMark(this.#parts.console.number);
    const rest = this.#random() < 0.12 ? ' Anh chị chờ em một chút nhé.'.repeat(150) : ' Dạ vâng ạ.';
    return `${mark}${rest}`;
  }

  #pause(): Promise<void> {
    return sleep(this.#parts.paceMs * this.#random());
  }

  #pick<Value>(values: readonly Value[]): Value {
    return values[Math.floor(this.#random() * values.length)]!;
  }

  #random(): number {
    return this.#parts.random.fraction();
  }

  #makeId(): string {
    return makeUuidV7(Date.now(), this.#parts.random.bytes(10));
  }
}
