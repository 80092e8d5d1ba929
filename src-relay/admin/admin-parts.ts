import type { Clock, Random } from '../../shared/primitives/clock.ts';
import type { AdminRouteAnswer, AdminRouteInput, AdminRouteName } from '../../shared/admin-api/admin-routes.ts';
import type { WebChatSettings, WebChatSettingsInput } from '../../shared/widget-api/channel-settings.ts';
import type { Auth } from '../auth/auth.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { CommandDesk } from './command-desk.ts';

/** What administrators may do with the web chat's own settings and secrets. */
export interface WebChatAdministration {
  create(channelId: string, settings: WebChatSettingsInput): WebChatSummary;
  update(channelId: string, patch: Partial<WebChatSettingsInput>): WebChatSummary;
  get(channelId: string): WebChatSummary | null;
  /** Takes the channel out of service: its widget key is not known any more. */
  remove(channelId: string): void;
  readIdentitySecret(channelId: string): string;
  rotateIdentitySecret(channelId: string): string;
  /**
   * The customer that a visitor is whom the shop vouches for as `externalId`: the one who came before, otherwise
   * `wantedId` from now on.
   */
  bindCustomer(channelId: string, externalId: string, wantedId: string | null): string;
  /** Every id under which visitors who turned out to be one person were known; at least the one that is given. */
  listSamePerson(customerId: string): string[];
}

export interface WebChatSummary {
  channelId: string;
  widgetKey: string;
  settings: WebChatSettings;
}

export interface AdminParts {
  eventLog: Pick<EventLog, 'submit' | 'read' | 'listRoots'>;
  auth: Auth;
  webChat: WebChatAdministration;
  /** @param to folder to make; null for one below the data folder */
  createBackup(to: string | null): Promise<AdminRouteAnswer<'backup.create'>>;
  /** Resolves once what was erased so far is gone, or could not be removed yet and is tried again later (SYNC-L7). */
  finishErasing(): Promise<void>;
  clock: Clock;
  random: Random;
  /** Bearer token of whoever may read the data folder. */
  adminToken: string;
  /** Address under which agents and customers reach the relay, without a slash at the end. */
  publicUrl(): string;
  /** Of the program, for the OpenAPI document. */
  version: string;
}

/** One request of an administrator, checked. */
export interface AdminCall {
  /** Null when the request came with the relay's own admin token. */
  adminAgentId: string | null;
  /** Reads and writes subjects in the administrator's name. */
  desk: CommandDesk;
}

export type AdminHandlers = {
  [Name in AdminRouteName]: (input: AdminRouteInput<Name>, call: AdminCall) => Promise<AdminRouteAnswer<Name>>;
};
