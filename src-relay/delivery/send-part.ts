import type { Logger } from 'pino';
import type { Agent } from '../../shared/domain/agent/agent.ts';
import type { Channel } from '../../shared/domain/channel/channel.ts';
import type { Conversation } from '../../shared/domain/conversation/conversation.ts';
import type { Message } from '../../shared/domain/conversation/message.ts';
import { subjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { Clock } from '../../shared/primitives/clock.ts';
import type { ChannelAdapter, OutgoingPart, SendResult } from '../channels/channel.ts';
import type { Delivery } from '../event-log/delivery-store.ts';
import type { EventLog } from '../event-log/event-log.ts';

/** A call that has not come back by then has an outcome that nobody knows. */
const CALL_TIMEOUT_MS = 60_000;

/** The same for every attempt at a part, whichever process makes it. */
export function keyOf(row: Delivery): string {
  return `${row.messageId}:${row.part}`;
}

/** The adapter of a part's channel; null when the channel is gone or its kind is not served here. */
export function adapterOf(
  eventLog: EventLog,
  channels: ReadonlyMap<string, ChannelAdapter>,
  row: Delivery,
): ChannelAdapter | null {
  const channel = eventLog.read<Channel>(subjectRef('channel', row.channelId)).root();
  return channel === null ? null : (channels.get(channel.kind) ?? null);
}

/** The part with what its channel shows beside the text; null when message or conversation are gone. */
export function readPart(eventLog: EventLog, row: Delivery): OutgoingPart | null {
  const reader = eventLog.read<Conversation>(subjectRef('conversation', row.conversationId));
  const conversation = reader.root();
  const message = reader.item<Message>('message', row.messageId);
  if (conversation === null || message === null) return null;
  const agent = eventLog.read<Agent>(subjectRef('agent', message.author.id)).root();
  return {
    channelId: row.channelId,
    conversationId: row.conversationId,
    customerId: conversation.customerId,
    messageId: row.messageId,
    part: row.part,
    text: row.content.text,
    attachments: row.content.attachments,
    agentName: agent?.name ?? '',
    at: message.at,
  };
}

/** One call of the channel. What throws or takes too long may have been sent all the same. Never rejects. */
export async function sendPart(
  adapter: ChannelAdapter,
  part: OutgoingPart,
  key: string,
  parts: { clock: Clock; logger: Pick<Logger, 'error'> },
): Promise<SendResult> {
  const unknown = (reason: string): SendResult => ({ ok: false, outcome: 'unknown-outcome', reason });
  try {
    return await withinTime(parts.clock, adapter.send(part, key), unknown('no-answer'));
  } catch (error) {
    parts.logger.error({ err: error, channel: part.channelId, messageId: part.messageId }, 'a channel failed to send');
    return unknown('channel-error');
  }
}

/** Whether a part arrived, as far as the platform tells. Never rejects. */
export async function findPart(
  adapter: ChannelAdapter,
  part: OutgoingPart,
  key: string,
  parts: { clock: Clock; logger: Pick<Logger, 'error'> },
): Promise<'sent' | 'not-sent' | 'unknown'> {
  if (adapter.find === undefined) return 'unknown';
  try {
    return await withinTime(parts.clock, adapter.find(part, key), 'unknown');
  } catch (error) {
    parts.logger.error(
      { err: error, channel: part.channelId, messageId: part.messageId },
      'a channel failed to look up',
    );
    return 'unknown';
  }
}

function withinTime<Value>(clock: Clock, work: Promise<Value>, otherwise: Value): Promise<Value> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(CALL_TIMEOUT_MS, () => resolve(otherwise));
    work.then(resolve, reject).finally(cancel);
  });
}
