import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../shared/primitives/clock.ts';
import { type WidgetClient, createWidgetClient } from '../../src-widget/client/widget-client.ts';
import type { FaultProxy } from './fault-proxy.ts';
import type { CustomerLine, Feed, History } from './history.ts';

export const CUSTOMER_ORIGIN = 'https://shop.example';

/** A page leaves it to the customer to give up an upload. */
const UPLOAD_PATIENCE_MS = 15_000;

export interface CustomerParts {
  number: number;
  proxy: FaultProxy;
  widgetKey: string;
  history: History;
  random: Random;
  paceMs: number;
}

/** A customer with the chat open, on the widget's own client. */
export class WritingCustomer {
  readonly number: number;
  readonly feed: Feed;
  readonly #parts: CustomerParts;
  readonly #client: WidgetClient;
  readonly #isStopping = new AbortController();
  /** Lines the relay refused for good. */
  refusals = 0;

  constructor(parts: CustomerParts) {
    this.#parts = parts;
    this.number = parts.number;
    this.feed = { customer: parts.number, page: 'kept-open', entries: [] };
    this.#client = this.#makeClient();
    this.#client.onMessage((entry) => this.feed.entries.push(entry));
  }

  /** Opens the chat and says the first word. */
  async begin(): Promise<void> {
    await this.#client.open();
    await this.#write();
  }

  async write(): Promise<void> {
    const { random, paceMs } = this.#parts;
    while (!this.#isStopping.signal.aborted) {
      await sleep(paceMs * (0.3 + random.fraction()), undefined, { signal: this.#isStopping.signal }).catch(
        () => undefined,
      );
      if (!this.#isStopping.signal.aborted) await this.#write();
    }
  }

  stop(): void {
    this.#isStopping.abort();
  }

  /** What a page shows that is opened now. Waits until it has all that there is. */
  async readFresh(): Promise<Feed> {
    const client = this.#makeClient(this.#client.visitorToken);
    const feed: Feed = { customer: this.number, page: 'fresh', entries: [] };
    client.onMessage((entry) => feed.entries.push(entry));
    const { head } = (await client.open()).feed;
    while ((feed.entries.at(-1)?.seq ?? 0) < head) await sleep(50);
    client.close();
    return feed;
  }

  close(): void {
    this.#client.close();
  }

  async #write(): Promise<void> {
    const { history, random } = this.#parts;
    const mark = history.newMark(100 + this.number);
    const line: CustomerLine = { customer: this.number, mark, messageId: null, conversationId: null };
    history.customerLines.push(line);
    try {
      const attachments = random.fraction() < 0.08 ? [await this.#upload(mark)] : [];
      const { entry, conversationId } = await this.#client.send({ text: `${mark} alo shop ơi`, attachments });
      line.messageId = entry.messageId;
      line.conversationId = conversationId;
    } catch {
      this.refusals += 1;
    }
  }

  async #upload(mark: string): Promise<string> {
    const content = new Blob([mark.repeat(500)], { type: 'text/plain' });
    const { uploadId } = await this.#client.upload(content, 'ảnh.txt', {
      signal: AbortSignal.timeout(UPLOAD_PATIENCE_MS),
    });
    return uploadId;
  }

  #makeClient(visitorToken?: string): WidgetClient {
    const { proxy, widgetKey } = this.#parts;
    const options = { baseUrl: proxy.url, widgetKey, origin: CUSTOMER_ORIGIN, locale: 'vi' };
    return createWidgetClient(visitorToken === undefined ? options : { ...options, visitorToken });
  }
}
