import { AppError, errorBodySchema } from '../../shared/errors.ts';
import type { HostInput, HostOutput, HostPushes, HostRequestName } from '../../shared/host-api/host-api.ts';
import type { CoreClient } from './core-client.ts';
import type { LiendeskHost } from './message-port.ts';

/** What only the host can do for this window, whichever host it is. */
export interface HostClient {
  /** @throws AppError as the host answered it */
  request<Name extends HostRequestName>(name: Name, input: HostInput<Name>): Promise<HostOutput<Name>>;
  /** @returns its own undo */
  onPush<Name extends keyof HostPushes>(name: Name, listener: (payload: HostPushes[Name]) => void): () => void;
}

/** Loopback: requests to the host travel beside those to the core. */
export function createPortHostClient(core: CoreClient): HostClient {
  return {
    request: (name, input) => core.requestHost(name, input),
    onPush: (name, listener) => core.onPush(name, listener),
  };
}

/** Electron: through the one door of preload. */
export function createPreloadHostClient(host: LiendeskHost): HostClient {
  return {
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
