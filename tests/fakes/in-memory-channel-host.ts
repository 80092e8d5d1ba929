import { createHash } from 'node:crypto';
import type { Attachment } from '../../shared/domain/conversation/message.ts';
import { AppError } from '../../shared/errors.ts';
import type { Ephemeral } from '../../shared/domain/presence/ephemeral.ts';
import type { ChannelHost, InboundMessage } from '../../src-relay/channels/channel.ts';

interface Received extends InboundMessage {
  messageId: string;
  intoConversation: string;
  seq: number;
  at: number;
}

/** What a channel asks of the relay, in memory: the same answers, none of the durability. */
export class InMemoryChannelHost implements ChannelHost {
  readonly received: Received[] = [];
  readonly ephemerals: Ephemeral[] = [];
  readonly reports: { conversationId: string; messageIds: string[]; state: string }[] = [];
  readonly files = new Map<string, { content: Buffer; mediaType: string }>();
  isStaffedNow = true;
  /** Thrown by the next calls of `receive`, one each, before anything happens. */
  readonly refusals: unknown[] = [];
  /** Makes the next `receive` commit and then fail, as a relay that dies before it can answer. */
  isAnswerLost = false;

  async receive(
    message: InboundMessage,
  ): Promise<{ messageId: string; conversationId: string; seq: number; at: number }> {
    await Promise.resolve();
    if (this.refusals.length > 0) throw this.refusals.shift();
    const key = `${message.channelId} ${message.externalId}`;
    let known = this.received.find((one) => `${one.channelId} ${one.externalId}` === key);
    if (known === undefined) {
      const seq = this.received.length + 1;
      const intoConversation = message.conversationId ?? `conversation-${seq}`;
      known = { ...message, messageId: `received-${seq}`, intoConversation, seq, at: Date.now() };
      this.received.push(known);
    }
    if (this.isAnswerLost) {
      this.isAnswerLost = false;
      throw new AppError('internal', 'the answer is lost');
    }
    const { messageId, intoConversation: conversationId, seq, at } = known;
    return { messageId, conversationId, seq, at };
  }

  async reportDelivery(conversationId: string, messageIds: string[], state: string): Promise<void> {
    await Promise.resolve();
    this.reports.push({ conversationId, messageIds, state });
  }

  publishEphemeral(ephemeral: Ephemeral): void {
    this.ephemerals.push(ephemeral);
  }

  async storeFile(name: string, content: AsyncIterable<Uint8Array>): Promise<Attachment> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) chunks.push(chunk);
    const whole = Buffer.concat(chunks);
    const fileId = createHash('sha256').update(whole).digest('hex');
    const isPng = whole.subarray(1, 4).toString('latin1') === 'PNG';
    const mediaType = isPng ? 'image/png' : 'application/octet-stream';
    this.files.set(fileId, { content: whole, mediaType });
    return { fileId, name: name.slice(0, 200) || 'file', mediaType, size: whole.length };
  }

  hasFile(fileId: string): boolean {
    return this.files.has(fileId);
  }

  async readFile(
    fileId: string,
  ): Promise<{ content: AsyncIterable<Uint8Array>; size: number; mediaType: string } | null> {
    await Promise.resolve();
    const file = this.files.get(fileId);
    if (file === undefined) return null;
    const { content, mediaType } = file;
    return {
      content: (async function* stream() {
        await Promise.resolve();
        yield new Uint8Array(content);
      })(),
      size: content.length,
      mediaType,
    };
  }

  isStaffed(): boolean {
    return this.isStaffedNow;
  }

  describeChannel(): { workspaceName: string; channelName: string } | null {
    return { workspaceName: 'Tiệm Nhà Liền', channelName: 'Chat trên web' };
  }
}
