import type { Database } from 'better-sqlite3';
import { AppError } from '../../../shared/errors.ts';
import type { Random } from '../../../shared/primitives/clock.ts';
import {
  type WebChatSettings,
  type WebChatSettingsInput,
  webChatSettingsSchema,
} from '../../../shared/widget-api/channel-settings.ts';
import { randomToken } from './random-token.ts';

/** A connected web chat without its secret. */
export interface WebChatChannel {
  channelId: string;
  /** Public; names the channel in a page's embed code. */
  widgetKey: string;
  settings: WebChatSettings;
}

interface ChannelRow {
  channel_id: string;
  widget_key: string;
  settings: string;
}

/** Settings and secrets of web-chat channels; the one part of this store that administrators reach. */
export class ChannelStore {
  readonly #database: Database;
  readonly #random: Random;
  /** Settings are read at every request and written by nobody else, so they are kept parsed. */
  readonly #byKey = new Map<string, WebChatChannel>();
  readonly #byId = new Map<string, WebChatChannel>();

  constructor(database: Database, random: Random) {
    this.#database = database;
    this.#random = random;
    const rows = database
      .prepare('SELECT channel_id, widget_key, settings FROM web_chat_channel')
      .all() as ChannelRow[];
    for (const row of rows) {
      this.#keep({
        channelId: row.channel_id,
        widgetKey: row.widget_key,
        settings: webChatSettingsSchema.parse(JSON.parse(row.settings)),
      });
    }
  }

  /**
   * Adds a channel, with a new widget key and identity secret. The relay's log must get a `channel` subject of the
   * same id.
   * @throws AppError `invalid` for settings that make no sense, `conflict` for an id in use
   */
  create(channelId: string, input: WebChatSettingsInput): WebChatChannel {
    if (this.#byId.has(channelId)) {
      throw new AppError('conflict', 'There is such a channel already.', { reason: 'channel-exists' });
    }
    const channel = { channelId, widgetKey: randomToken(this.#random, 12), settings: parseSettings(input) };
    this.#database
      .prepare('INSERT INTO web_chat_channel VALUES (?, ?, ?, ?)')
      .run(channelId, channel.widgetKey, JSON.stringify(channel.settings), randomToken(this.#random, 32));
    return this.#keep(channel);
  }

  /** Replaces the settings named in `patch`. @throws AppError `not_found`, `invalid` */
  update(channelId: string, patch: Partial<WebChatSettingsInput>): WebChatChannel {
    const channel = this.#require(channelId);
    const settings = parseSettings({ ...channel.settings, ...patch });
    this.#database
      .prepare('UPDATE web_chat_channel SET settings = ? WHERE channel_id = ?')
      .run(JSON.stringify(settings), channelId);
    return this.#keep({ ...channel, settings });
  }

  /** Takes the channel out of service: its widget key is not known any more. What customers wrote stays. */
  remove(channelId: string): void {
    const channel = this.#byId.get(channelId);
    if (channel === undefined) return;
    this.#database.prepare('DELETE FROM web_chat_channel WHERE channel_id = ?').run(channelId);
    this.#byId.delete(channelId);
    this.#byKey.delete(channel.widgetKey);
  }

  list(): WebChatChannel[] {
    return [...this.#byId.values()];
  }

  get(channelId: string): WebChatChannel | null {
    return this.#byId.get(channelId) ?? null;
  }

  findByWidgetKey(widgetKey: string): WebChatChannel | null {
    return this.#byKey.get(widgetKey) ?? null;
  }

  isOriginAllowedAnywhere(origin: string): boolean {
    return this.list().some((channel) => channel.settings.allowedOrigins.includes(origin));
  }

  /** The secret by which the shop's server vouches for its visitors. @throws AppError `not_found` */
  readIdentitySecret(channelId: string): string {
    this.#require(channelId);
    return this.#database
      .prepare('SELECT identity_secret FROM web_chat_channel WHERE channel_id = ?')
      .pluck()
      .get(channelId) as string;
  }

  /** Makes a new identity secret; hashes made with the old one are refused from now on. @throws AppError `not_found` */
  rotateIdentitySecret(channelId: string): string {
    this.#require(channelId);
    const secret = randomToken(this.#random, 32);
    this.#database
      .prepare('UPDATE web_chat_channel SET identity_secret = ? WHERE channel_id = ?')
      .run(secret, channelId);
    return secret;
  }

  #require(channelId: string): WebChatChannel {
    const channel = this.#byId.get(channelId);
    if (channel === undefined) {
      throw new AppError('not_found', 'There is no such web-chat channel.', { reason: 'no-such-channel' });
    }
    return channel;
  }

  #keep(channel: WebChatChannel): WebChatChannel {
    this.#byKey.set(channel.widgetKey, channel);
    this.#byId.set(channel.channelId, channel);
    return channel;
  }
}

function parseSettings(input: unknown): WebChatSettings {
  const result = webChatSettingsSchema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new AppError('invalid', `Web-chat settings: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(), {
    reason: 'settings-invalid',
    params: { field: issue?.path.join('.') ?? '' },
  });
}
