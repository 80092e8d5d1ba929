import { AppError, errorBodySchema } from '../../shared/errors.ts';
import type { HostInput, HostOutput, HostPushes, HostRequestName } from '../../shared/host-api/host-api.ts';
import type { LiendeskHost } from './message-port.ts';

/** What only the host can do for this window, whichever host it is. */
export interface HostClient {
  /** The window is a browser's: notifications are the browser's, which asks its user for permission. */
  readonly isBrowser: boolean;
  /** @throws AppError as the host answered it */
  request<Name extends HostRequestName>(name: Name, input: HostInput<Name>): Promise<HostOutput<Name>>;
  /** @returns its own undo */
  onPush<Name extends keyof HostPushes>(name: Name, listener: (payload: HostPushes[Name]) => void): () => void;
}

/** Electron: through the one door of preload. */
export function createPreloadHostClient(host: LiendeskHost): HostClient {
  return {
    isBrowser: false,
    async request<Name extends HostRequestName>(name: Name, input: HostInput<Name>) {
      const reply = await host.request(name, input);
      if (reply.ok) return reply.output as HostOutput<Name>;
      const body = errorBodySchema.safeParse(reply.error);
      throw body.success ? AppError.fromBody(body.data) : new AppError('internal', 'The host failed.');
    },
    onPush: (name, listener) =>
      host.onPush((frame) => {
        if (frame.push === name) listener(frame.payload as never);
      }),
  };
}
