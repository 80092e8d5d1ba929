import type { WebChatSettingsInput } from '../../../shared/widget-api/channel-settings.ts';
import type { WebChatChannel } from './channel-store.ts';
import { customerIdOf } from './identity.ts';
import type { WebChatStore } from './web-chat-store.ts';

/** What administrators reach of the web chat: its channels' settings and secrets, and who a vouched-for visitor is. */
export interface WebChatAdministration {
  create(channelId: string, settings: WebChatSettingsInput): WebChatChannel;
  update(channelId: string, patch: Partial<WebChatSettingsInput>): WebChatChannel;
  get(channelId: string): WebChatChannel | null;
  remove(channelId: string): void;
  readIdentitySecret(channelId: string): string;
  rotateIdentitySecret(channelId: string): string;
  /**
   * The customer that a visitor is whom the shop vouches for as `externalId`. Who came before keeps their customer;
   * otherwise it is `wantedId`, unless that one belongs to another channel or identity.
   */
  bindCustomer(channelId: string, externalId: string, wantedId: string | null): string;
  /** Every id under which visitors who turned out to be one person were known; at least the one that is given. */
  listSamePerson(customerId: string): string[];
}

export function createWebChatAdministration(store: WebChatStore): WebChatAdministration {
  const { channels, visitors } = store;
  return {
    create: (channelId, settings) => channels.create(channelId, settings),
    update: (channelId, patch) => channels.update(channelId, patch),
    get: (channelId) => channels.get(channelId),
    remove: (channelId) => channels.remove(channelId),
    readIdentitySecret: (channelId) => channels.readIdentitySecret(channelId),
    rotateIdentitySecret: (channelId) => channels.rotateIdentitySecret(channelId),
    listSamePerson: (customerId) => store.listSamePerson(customerId),
    bindCustomer: (channelId, externalId, wantedId) =>
      store.inTransaction(() => {
        const known = visitors.findCustomerByIdentity(channelId, externalId);
        if (known !== null) return known.customerId;
        const isFree = wantedId !== null && visitors.findCustomer(wantedId) === null;
        const customerId = isFree ? wantedId : customerIdOf(channelId, externalId);
        visitors.addCustomer(customerId, channelId, externalId);
        return customerId;
      }),
  };
}
