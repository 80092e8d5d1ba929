import type { Channel } from '../shared/domain/channel/channel.ts';
import type { Message } from '../shared/domain/conversation/message.ts';
import { POSITIONS_PER_EVENT, subjectRef } from '../shared/domain/subject/subject-kind.ts';
import { WORKSPACE_ID, type Workspace } from '../shared/domain/workspace/workspace.ts';
import { AppError } from '../shared/errors.ts';
import type { ChannelHost, InboundMessage } from './channels/channel.ts';
import type { DeliveryWorker } from './delivery/delivery-worker.ts';
import { deriveId } from './event-log/derived-id.ts';
import type { EventLog } from './event-log/event-log.ts';
import type { FileStore } from './files/file-store.ts';
import type { Gateway } from './gateway/gateway.ts';

interface ChannelHostParts {
  eventLog: EventLog;
  files: FileStore;
  gateway: Pick<Gateway, 'publishEphemeral' | 'isStaffed'>;
  delivery: Pick<DeliveryWorker, 'takeReceipt'>;
  /** Seq up to which channels have forgotten who was erased. */
  forgottenUpTo(): number;
}

/** What channels may ask of the relay. Ids follow from the platform's, so that a repetition changes nothing. */
export function createChannelHost(parts: ChannelHostParts): ChannelHost {
  const { eventLog, files, gateway, delivery } = parts;
  const findMessage = (conversationId: string, messageId: string) => {
    const message = eventLog.read(subjectRef('conversation', conversationId)).item<Message>('message', messageId);
    if (message === null) return null;
    const seq = Math.floor(message.position / POSITIONS_PER_EVENT);
    return { messageId, conversationId, seq, at: message.at };
  };
  const findChannel = (channelId: string) => eventLog.read(subjectRef('channel', channelId)).root() as Channel | null;

  return {
    async receive(message: InboundMessage) {
      const { channelId, externalId, ...fields } = message;
      const newConversationId = deriveId('conversation', channelId, externalId);
      const messageId = deriveId('message', channelId, externalId);
      const result = await eventLog.submit({
        command: {
          id: deriveId('receive', channelId, externalId),
          type: 'message.receive',
          v: 1,
          args: { ...fields, channelId, newConversationId, messageId },
        },
        by: { kind: 'channel', id: channelId },
        isDelayed: false,
        knownSeq: parts.forgottenUpTo(),
      });
      if (result.ok) {
        const { conversationId } = result.output as { conversationId: string };
        return findMessage(conversationId, messageId);
      }
      // The platform repeats a message after the customer's conversation has changed: the same message all the same.
      const known =
        result.error.kind === 'id_reuse'
          ? [message.conversationId, newConversationId]
              .map((id) => (id === null ? null : findMessage(id, messageId)))
              .find((found) => found !== null)
          : undefined;
      if (known === undefined) throw AppError.fromBody(result.error);
      return known;
    },

    reportDelivery: (conversationId, messageIds, state, reason, part) =>
      delivery.takeReceipt({ conversationId, messageIds, part: part ?? null, state, reason }),

    publishEphemeral: (ephemeral) => gateway.publishEphemeral(ephemeral),
    storeFile: (name, content) => files.store(name, content),
    hasFile: (fileId) => files.has(fileId),
    readFile: (fileId) => files.read(fileId),

    isStaffed: (channelId) => {
      const channel = findChannel(channelId);
      return channel !== null && gateway.isStaffed(channel.queueId);
    },

    describeChannel: (channelId) => {
      const channel = findChannel(channelId);
      if (channel === null) return null;
      const workspace = eventLog.read<Workspace>(subjectRef('workspace', WORKSPACE_ID)).root();
      return { workspaceName: workspace?.name ?? '', channelName: channel.name };
    },
  };
}
