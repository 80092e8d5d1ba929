import { useConsole } from '../stores/console-context.ts';
import type { CoreClient } from './core-client.ts';
import type { HostClient } from './host-client.ts';

/** The typed client of the core: `request`, `onPush`, `onEphemeral`, `sendEphemeral`. */
export function useCore(): CoreClient {
  return useConsole().core;
}

/** What only the host can do: notifications, badge, saving files, opening addresses. */
export function useHost(): HostClient {
  return useConsole().host;
}
