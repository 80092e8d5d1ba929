import { AppError } from '../../../shared/errors.ts';
import type { Clock, Random } from '../../../shared/primitives/clock.ts';
import { makeUuidV7 } from '../../../shared/primitives/uuid-v7.ts';
import { MAX_UPLOAD_BYTES } from '../../../shared/widget-api/limits.ts';
import type { WidgetSession, sessionRequestSchema } from '../../../shared/widget-api/session.ts';
import type { z } from 'zod';
import type { ChannelHost } from '../channel.ts';
import type { WebChatChannel } from './channel-store.ts';
import { customerIdOf, verifyIdentity } from './identity.ts';
import type { LiveFeed } from './live-feed.ts';
import { hashOf, randomToken } from './random-token.ts';
import type { WebChatCustomer, WebChatVisitor } from './visitor-store.ts';
import type { VisitorTokens } from './visitor-token.ts';
import type { WebChatStore } from './web-chat-store.ts';

const TOKEN_BYTES = 32;

interface Parts {
  host: ChannelHost;
  store: WebChatStore;
  live: LiveFeed;
  tokens: VisitorTokens;
  clock: Clock;
  random: Random;
}

interface Arrival {
  visitor: WebChatVisitor;
  /** Set for a visitor that was made now. */
  visitorToken?: string;
  /** The feed that this visitor had until now, before it was known who they are. */
  leftFeed?: string;
}

/** Opens sessions: finds or makes the browser's visitor, and the customer behind it. */
export class VisitorSessions {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @throws AppError `forbidden` for an identity hash that is wrong */
  async open(channel: WebChatChannel, request: z.output<typeof sessionRequestSchema>): Promise<WidgetSession> {
    const { store, clock, tokens, live } = this.#parts;
    const { identity } = request;
    const now = clock.now();
    const provenId =
      identity === null || identity === undefined
        ? null
        : verifyIdentity(store.channels.readIdentitySecret(channel.channelId), identity, now);
    const arrival = store.inTransaction(() => {
      const known =
        typeof request.visitorToken === 'string' && request.visitorToken !== ''
          ? store.visitors.findVisitorByToken(channel.channelId, hashOf(request.visitorToken))
          : null;
      const arriving = this.#arrive(channel.channelId, known, provenId);
      const { customerId, visitorId } = arriving.visitor;
      const shown = { name: identity?.name || null, email: identity?.email || null, phone: identity?.phone || null };
      store.visitors.describeCustomer(customerId, shown, languageOf(channel, request.locale));
      store.visitors.noteVisit(visitorId, now);
      return arriving;
    });
    if (arrival.leftFeed !== undefined) live.emit(arrival.leftFeed, 'superseded');
    const { visitor, visitorToken } = arrival;
    const customer = store.visitors.findCustomer(visitor.customerId);
    if (customer === null) throw new AppError('internal', 'A visitor without a customer.');
    return {
      token: await tokens.issue(visitor.visitorId),
      ...(visitorToken === undefined ? {} : { visitorToken }),
      visitor: { id: visitor.visitorId, verified: customer.identityId !== null },
      ...this.#describe(channel, customer),
    };
  }

  #arrive(channelId: string, known: WebChatVisitor | null, provenId: string | null): Arrival {
    const { visitors } = this.#parts.store;
    const customer = known === null ? null : visitors.findCustomer(known.customerId);
    if (known === null || customer === null)
      return this.#makeVisitor(channelId, this.#customerFor(channelId, provenId));
    if (provenId === null || customer.identityId === provenId) {
      return { visitor: { ...known, customerId: customer.customerId } };
    }
    // Somebody else signed in on this browser: they must not see what the one before them wrote.
    if (customer.identityId !== null) return this.#makeVisitor(channelId, this.#customerFor(channelId, provenId));
    return this.#recognise(channelId, known, customer, provenId);
  }

  /** A visitor nobody vouched for until now turns out to be somebody; what they wrote stays theirs. */
  #recognise(channelId: string, visitor: WebChatVisitor, customer: WebChatCustomer, provenId: string): Arrival {
    const { visitors, feed } = this.#parts.store;
    const hasHistory = customer.head > 0 || customer.conversationId !== null;
    const isNobodyYet = visitors.findCustomerByIdentity(channelId, provenId) === null;
    if (hasHistory && isNobodyYet) {
      visitors.bindIdentity(customer.customerId, provenId);
      return { visitor: { ...visitor, customerId: customer.customerId } };
    }
    const customerId = this.#customerFor(channelId, provenId);
    visitors.moveVisitor(visitor.visitorId, customerId);
    if (hasHistory) feed.moveFeed(customer.customerId, customerId);
    // Other tabs of this browser listen to it, also where nothing was in it yet.
    return { visitor: { ...visitor, customerId }, leftFeed: customer.customerId };
  }

  #customerFor(channelId: string, provenId: string | null): string {
    const { visitors } = this.#parts.store;
    if (provenId === null) {
      const customerId = this.#newId();
      visitors.addCustomer(customerId, channelId, null);
      return customerId;
    }
    const known = visitors.findCustomerByIdentity(channelId, provenId);
    if (known !== null) return known.customerId;
    const customerId = customerIdOf(channelId, provenId);
    visitors.addCustomer(customerId, channelId, provenId);
    return customerId;
  }

  #makeVisitor(channelId: string, customerId: string): Arrival {
    const { store, clock, random } = this.#parts;
    const visitorToken = randomToken(random, TOKEN_BYTES);
    const visitor = { visitorId: this.#newId(), channelId, customerId };
    store.visitors.addVisitor(visitor, hashOf(visitorToken), clock.now());
    return { visitor, visitorToken };
  }

  #describe(
    channel: WebChatChannel,
    customer: WebChatCustomer,
  ): Pick<WidgetSession, 'conversation' | 'feed' | 'config'> {
    const { host, store } = this.#parts;
    const { settings, channelId } = channel;
    const names = host.describeChannel(channelId);
    return {
      conversation: customer.conversationId === null ? null : { id: customer.conversationId },
      feed: {
        id: customer.customerId,
        head: customer.head,
        readUpTo: customer.readUpTo,
        unread: store.feed.countUnread(customer.customerId, customer.readUpTo),
      },
      config: {
        workspaceName: names?.workspaceName ?? '',
        channelName: names?.channelName ?? '',
        online: host.isStaffed(channelId),
        language: settings.language,
        accentColor: settings.accentColor,
        preChat: settings.preChat,
        texts: settings.texts,
        uploads: { isAllowed: settings.mayUpload, maxBytes: MAX_UPLOAD_BYTES },
      },
    };
  }

  #newId(): string {
    const { clock, random } = this.#parts;
    return makeUuidV7(clock.now(), random.bytes(10));
  }
}

function languageOf(channel: WebChatChannel, locale: string | null | undefined): 'vi' | 'en' | null {
  if (channel.settings.language !== null) return channel.settings.language;
  if (locale === null || locale === undefined || locale === '') return null;
  return /^vi\b/i.test(locale) ? 'vi' : 'en';
}
