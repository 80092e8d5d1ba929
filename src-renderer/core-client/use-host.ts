import { useConsole } from '../stores/console-context.ts';
import type { HostClient } from './host-client.ts';

/** What only the host can do: notifications, badge, saving files, opening addresses. */
export function useHost(): HostClient {
  return useConsole().host;
}
