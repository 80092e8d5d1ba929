import type { ErrorBody } from '../../../shared/errors.ts';
import type { ToRelay } from '../../../shared/relay-protocol/to-relay.ts';

/** One connection to the relay. */
export interface RelayLink {
  send<Name extends keyof ToRelay>(name: Name, message: ToRelay[Name]): void;
  /** Ends it; none of its handlers is called any more. */
  close(): void;
}

export interface RelayLinkHandlers {
  onOpen(): void;
  onMessage(name: string, message: unknown): void;
  /** It could not be opened, or it broke. `error` is what the relay said, null when the network did it. */
  onClose(error: ErrorBody | null): void;
}

export type ConnectRelay = (relayUrl: string, accessToken: string, handlers: RelayLinkHandlers) => RelayLink;
