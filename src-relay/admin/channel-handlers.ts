import type { Channel } from '../../shared/domain/channel/channel.ts';
import { AppError } from '../../shared/errors.ts';
import { type WebChatSettingsInput, webChatSettingsSchema } from '../../shared/widget-api/channel-settings.ts';
import type { AdminHandlers, AdminParts, WebChatAdministration } from './admin-parts.ts';
import { fieldsOf } from './command-desk.ts';
import { findChannel, findQueue } from './find-by-reference.ts';
import { defined } from './workspace-handlers.ts';

type ChannelRoutes = Extract<keyof AdminHandlers, `channel.${string}`>;

/** A channel is a subject of the log (what agents see) and settings of the web chat (what they do not). */
export function createChannelHandlers(
  parts: Pick<AdminParts, 'webChat' | 'publicUrl'>,
): Pick<AdminHandlers, ChannelRoutes> {
  const { webChat } = parts;

  const answerWithSecret = (channel: Channel) => {
    const shown = answer(channel, webChat);
    return {
      channel: shown,
      identitySecret: webChat.readIdentitySecret(channel.id),
      embedCode: embedCode(parts.publicUrl(), shown.widgetKey),
    };
  };

  return {
    'channel.add': async (input, { desk }) => {
      const { id = desk.newId('channel'), name, queue, maxTextLength, ...settings } = input;
      const { id: queueId } = await findQueue(desk, queue);
      const others = (await desk.list<Channel>('channel')).filter((channel) => channel.id !== id);
      if (others.some((channel) => channel.name.toLowerCase() === name.toLowerCase())) throw nameTaken(name);
      const known = desk.read<Channel>('channel', id);
      if (known !== null && known.name !== name) {
        throw new AppError('conflict', `There is another channel with the id "${id}".`, {
          reason: 'id-taken',
          params: { id },
        });
      }
      // Settings first: a channel that agents can see has them.
      if (webChat.get(id) === null) webChat.create(id, settingsOf(settings));
      else webChat.update(id, settingsOf(settings));
      return answerWithSecret(
        await desk.put<Channel>('channel', id, { kind: 'web-chat', name, queueId, maxTextLength }, known),
      );
    },
    'channel.list': async (_input, { desk }) => {
      const channels = await desk.list<Channel>('channel');
      return { channels: channels.filter(({ id }) => webChat.get(id) !== null).map((one) => answer(one, webChat)) };
    },
    'channel.show': async (input, { desk }) => answerWithSecret(await findChannel(desk, input.channel)),
    'channel.update': async (input, { desk }) => {
      const was = await findChannel(desk, input.channel);
      const { channel: _channel, name, queue, maxTextLength, rotateIdentitySecret, ...settings } = input;
      const queueId = queue === undefined ? was.queueId : (await findQueue(desk, queue)).id;
      webChat.update(was.id, settingsOf(settings));
      if (rotateIdentitySecret === true) webChat.rotateIdentitySecret(was.id);
      const fields = { ...fieldsOf(was), ...defined({ name, maxTextLength }), queueId };
      return answerWithSecret(
        await desk.put<Channel>('channel', was.id, fields as Omit<Channel, 'id' | 'asOf' | 'bornSeq'>, was),
      );
    },
    'channel.delete': async (input, { desk }) => {
      const was = await findChannel(desk, input.channel);
      const shown = answer(was, webChat);
      await desk.remove('channel', was.id);
      webChat.remove(was.id);
      return shown;
    },
  };
}

function settingsOf(input: object): Partial<WebChatSettingsInput> {
  const known = Object.keys(webChatSettingsSchema.shape);
  return Object.fromEntries(
    Object.entries(input).filter(([field, value]) => known.includes(field) && value !== undefined),
  );
}

function nameTaken(name: string): AppError {
  return new AppError('conflict', `There is a channel "${name}" already.`, { reason: 'name-taken', params: { name } });
}

function embedCode(publicUrl: string, widgetKey: string): string {
  return `<script async src="${publicUrl}/widget.js" data-widget-key="${widgetKey}"></script>`;
}

function answer(channel: Channel, webChat: WebChatAdministration) {
  const settings = webChat.get(channel.id);
  if (settings === null) throw new AppError('internal', `The settings of channel "${channel.id}" are missing.`);
  const { id, kind, name, queueId, maxTextLength } = channel;
  return { id, kind, name, queueId, maxTextLength, widgetKey: settings.widgetKey, settings: settings.settings };
}
