import type { ChannelHost } from '../channel.ts';
import type { LiveFeed } from './live-feed.ts';
import type { SerialLanes } from './serial-lanes.ts';
import type { WebChatStore } from './web-chat-store.ts';

/** Messages named in one report. */
const REPORT_LENGTH = 200;

/**
 * How far a customer's browser has received the feed, and how far the customer has read it. The relay is told before
 * a mark is kept: after a crash between the two it is told again, which changes nothing.
 */
export class ReadingMarks {
  readonly #parts: { host: ChannelHost; store: WebChatStore; live: LiveFeed; lanes: SerialLanes };

  constructor(parts: { host: ChannelHost; store: WebChatStore; live: LiveFeed; lanes: SerialLanes }) {
    this.#parts = parts;
  }

  async noteReceived(customerId: string, upTo: number): Promise<void> {
    const { store, lanes } = this.#parts;
    await lanes.run(`marks ${customerId}`, async () => {
      const customer = store.visitors.findCustomer(customerId);
      if (customer === null) return;
      const target = Math.min(upTo, customer.head);
      if (target <= customer.receivedUpTo) return;
      await this.#report(customer.customerId, customer.receivedUpTo, target, 'delivered');
      store.feed.raiseReceived(customer.customerId, target);
    });
  }

  async noteRead(customerId: string, upTo: number): Promise<void> {
    const { store, lanes, live } = this.#parts;
    await lanes.run(`marks ${customerId}`, async () => {
      const customer = store.visitors.findCustomer(customerId);
      if (customer === null) return;
      const target = Math.min(upTo, customer.head);
      if (target <= customer.readUpTo) return;
      await this.#report(customer.customerId, customer.readUpTo, target, 'read');
      store.feed.raiseRead(customer.customerId, target);
      live.emit(customer.customerId, 'read', { upTo: target });
    });
  }

  async #report(customerId: string, after: number, upTo: number, state: 'delivered' | 'read'): Promise<void> {
    const { host, store } = this.#parts;
    for (const [conversationId, messageIds] of store.feed.listAgentMessages(customerId, after, upTo)) {
      for (let start = 0; start < messageIds.length; start += REPORT_LENGTH) {
        await host.reportDelivery(conversationId, messageIds.slice(start, start + REPORT_LENGTH), state, null);
      }
    }
  }
}
