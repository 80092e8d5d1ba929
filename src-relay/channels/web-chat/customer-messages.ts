import { AppError } from '../../../shared/errors.ts';
import { erasedError } from '../../../shared/domain/erasure/erasure.ts';
import type { Attachment } from '../../../shared/domain/conversation/message.ts';
import type { Clock } from '../../../shared/primitives/clock.ts';
import { cutText } from '../../../shared/primitives/cut-text.ts';
import type { PreChatQuestion } from '../../../shared/widget-api/channel-settings.ts';
import { MAX_CUSTOMER_TEXT, PROFILE_LENGTHS } from '../../../shared/widget-api/limits.ts';
import type { MessageAccepted } from '../../../shared/widget-api/messages.ts';
import type { ChannelHost } from '../channel.ts';
import type { InboundRequest } from './inbound-store.ts';
import type { LiveFeed } from './live-feed.ts';
import { hashOf } from './random-token.ts';
import { sessionOver } from './session-over.ts';
import type { SerialLanes } from './serial-lanes.ts';
import type { ShownProfile, WebChatCustomer, WebChatVisitor } from './visitor-store.ts';
import type { WebChatStore } from './web-chat-store.ts';

interface Parts {
  host: ChannelHost;
  store: WebChatStore;
  live: LiveFeed;
  lanes: SerialLanes;
  clock: Clock;
}

/** What a browser hands in, checked and cleaned. */
export interface Written {
  clientId: string;
  text: string;
  /** Upload ids. */
  attachments: readonly string[];
  answers: Readonly<Record<string, string>>;
  /** Given outside the questions, by the offline form. */
  profile: Partial<ShownProfile>;
}

/**
 * Takes customers' messages into the relay's log, exactly once each. The request is on the disk before the log is
 * asked, and the message has its place in the customer's own feed once the log has it; whatever lies between is done
 * again after a crash, and by the browser's own repetition, under the same external id.
 */
export class CustomerMessages {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * @returns what the browser is told, and whether this was the first time
   * @throws AppError `invalid`, `too_large`, `id_reuse` (same client id, other content), or what the log answers
   */
  async accept(visitor: WebChatVisitor, written: Written): Promise<{ body: MessageAccepted; isNew: boolean }> {
    const { store, lanes } = this.#parts;
    requireText(written);
    const externalId = `${visitor.visitorId}:${written.clientId}`;
    const payloadHash = hashOf(
      JSON.stringify([written.text, written.attachments, Object.entries(written.answers).sort()]),
    );
    return await lanes.run(`messages ${visitor.customerId}`, async () => {
      // Erased while this one waited for its turn: nothing of it is to be written down.
      if (store.visitors.findVisitor(visitor.visitorId) === null) throw sessionOver();
      const known = store.inbound.find(externalId);
      if (known !== null && known.payloadHash !== payloadHash) {
        throw new AppError('id_reuse', 'This client id was used for another message.', { reason: 'client-id-reused' });
      }
      if (known?.messageId) {
        const entry = store.feed.find(known.messageId, 0);
        const conversationId = store.feed.conversationOf(known.messageId);
        if (entry !== null && conversationId !== null) return { body: { entry, conversationId }, isNew: false };
      }
      const request = known?.request ?? this.#toRequest(visitor, written);
      if (known === null) store.inbound.add(externalId, payloadHash, request);
      return { body: await this.#submit(externalId, request), isNew: true };
    });
  }

  /** Submits again what was handed in, and did not reach the log: it could not be written, or the relay stopped. */
  async acceptPending(onFailure: (error: unknown) => void): Promise<void> {
    const { store, lanes } = this.#parts;
    for (const { externalId, request: waiting } of store.inbound.listPending()) {
      const visitor = waiting === null ? null : store.visitors.findVisitor(waiting.visitorId);
      const submit = async () => {
        // The browser may have said it once more meanwhile, or its customer was erased.
        const request = store.inbound.find(externalId)?.request;
        if (request) await this.#submit(externalId, request);
      };
      await lanes.run(`messages ${visitor?.customerId ?? ''}`, submit).catch(onFailure);
    }
  }

  async #submit(externalId: string, request: InboundRequest): Promise<MessageAccepted> {
    const { host, store, live } = this.#parts;
    const visitor = store.visitors.findVisitor(request.visitorId);
    const customer = visitor === null ? null : store.visitors.findCustomer(visitor.customerId);
    if (customer === null) {
      store.inbound.drop(externalId);
      throw sessionOver();
    }
    const received = await host
      .receive({
        channelId: customer.channelId,
        externalId,
        customer: describeCustomer(customer, request.visitorId),
        conversationId: customer.conversationId,
        text: request.text,
        attachments: request.attachments,
        writtenAt: request.writtenAt,
        answers: request.answers,
        language: customer.language,
      })
      .catch((error: unknown) => {
        if (isFinalRefusal(error)) store.inbound.drop(externalId);
        // Not taken, since its customer was erased on the way: the browser begins anew, and says it as somebody else.
        throw store.visitors.findVisitor(request.visitorId) === null ? sessionOver() : error;
      });
    // Meanwhile the visitor may have turned out to be somebody known.
    const visitorNow = store.visitors.findVisitor(request.visitorId);
    const customerNow = visitorNow === null ? null : store.visitors.findCustomer(visitorNow.customerId);
    // Or was erased, with this message. Whoever is there under the same id now is somebody else.
    if (customerNow === null || received === null) {
      store.inbound.drop(externalId);
      throw erasedError();
    }
    const { customerId } = customerNow;
    const { entry, isNew } = store.inTransaction(() => {
      store.visitors.linkConversation(customerId, received.conversationId);
      store.inbound.settle(externalId, received.messageId);
      return store.feed.append(customerId, {
        messageId: received.messageId,
        part: 0,
        conversationId: received.conversationId,
        author: 'customer',
        agentName: null,
        clientId: request.clientId,
        text: request.text,
        attachments: request.attachments,
        at: received.at,
      });
    });
    if (isNew) live.publishEntry(customerId, entry);
    return { entry, conversationId: received.conversationId };
  }

  #toRequest(visitor: WebChatVisitor, written: Written): InboundRequest {
    const { store, clock } = this.#parts;
    const channel = store.channels.get(visitor.channelId);
    const customer = store.visitors.findCustomer(visitor.customerId);
    const language = customer?.language ?? 'vi';
    const answered = (channel?.settings.preChat ?? []).flatMap((question) => {
      const value = written.answers[question.id];
      return value === undefined || value === '' ? [] : [{ question, value }];
    });
    const profile = { ...profileFrom(answered), ...written.profile };
    if (customer !== null) store.visitors.describeCustomer(customer.customerId, profile, null);
    return {
      visitorId: visitor.visitorId,
      clientId: written.clientId,
      text: written.text,
      attachments: written.attachments.map((uploadId) => this.#requireUpload(visitor, uploadId)),
      answers: answered.slice(0, 10).map(({ question, value }) => ({ label: question.label[language], value })),
      profile,
      writtenAt: clock.now(),
    };
  }

  #requireUpload(visitor: WebChatVisitor, uploadId: string): Attachment {
    const attachment = this.#parts.store.inbound.findUpload(visitor.visitorId, uploadId);
    if (attachment === null) {
      throw new AppError('invalid', 'There is no such upload; send the file again.', { reason: 'upload-unknown' });
    }
    return attachment;
  }
}

function requireText(written: Written): void {
  if (written.text.trim() === '' && written.attachments.length === 0) {
    throw new AppError('invalid', 'Write something first.', { reason: 'text-empty' });
  }
  if (written.text.length > MAX_CUSTOMER_TEXT) {
    throw new AppError('too_large', `A message holds at most ${MAX_CUSTOMER_TEXT} characters.`, {
      reason: 'text-too-long',
      params: { limit: MAX_CUSTOMER_TEXT },
    });
  }
}

function describeCustomer(customer: WebChatCustomer, visitorId: string) {
  const { name, email, phone, language } = customer;
  const profile = {
    ...{ name: name === null ? null : cutText(name, PROFILE_LENGTHS.name), language },
    ...{ email: fittingOrNull('email', email), phone: fittingOrNull('phone', phone) },
  };
  const isVerified = customer.identityId !== null;
  return {
    id: customer.customerId,
    identity: { channelId: customer.channelId, externalId: customer.identityId ?? visitorId, isVerified },
    // What this channel does not know must not wipe out what others do.
    profile: Object.fromEntries(Object.entries(profile).filter(([, value]) => value !== null)),
  };
}

/**
 * A form takes longer answers than a profile holds, and the log refuses those, with every message of theirs. Half an
 * address leads nowhere; the whole of it stands with the conversation, as its answer.
 */
function fittingOrNull(field: 'email' | 'phone', value: string | null): string | null {
  return value !== null && value.length <= PROFILE_LENGTHS[field] ? value : null;
}

function profileFrom(answered: { question: PreChatQuestion; value: string }[]): Partial<ShownProfile> {
  return Object.fromEntries(
    answered.flatMap(({ question, value }) => (question.field === null ? [] : [[question.field, value] as const])),
  );
}

function isFinalRefusal(error: unknown): boolean {
  return error instanceof AppError && !['retry', 'rate_limited', 'offline', 'storage', 'internal'].includes(error.kind);
}
