import { AppError, errorBodySchema } from '../../shared/errors.ts';
import type { HostInput, HostOutput, HostPushes, HostRequestName } from '../../shared/host-api/host-api.ts';
import type { CoreClient } from './core-client.ts';
import type { LiendeskHost } from './message-port.ts';

/** What only the host can do for this window, whichever host it is. */
export interface HostClient {
  /** The window is a browser's: what the host cannot do, the browser may (notifications, once allowed). */
  readonly isBrowser: boolean;
  /** @throws AppError as the host answered it */
  request<Name extends HostRequestName>(name: Name, input: HostInput<Name>): Promise<HostOutput<Name>>;
  /** @returns its own undo */
  onPush<Name extends keyof HostPushes>(name: Name, listener: (payload: HostPushes[Name]) => void): () => void;
}

/**
 * Loopback: requests to the host travel beside those to the core, except for what only the browser that shows this
 * page can do.
 */
export function createPortHostClient(core: CoreClient): HostClient {
  return {
    isBrowser: true,
    async request<Name extends HostRequestName>(name: Name, input: HostInput<Name>) {
      if (!(name in browserFeatures)) return await core.requestHost(name, input);
      const own = browserFeatures[name as keyof typeof browserFeatures] as (input: HostInput<Name>) => unknown;
      return own(input) as HostOutput<Name>;
    },
    onPush: (name, listener) => core.onPush(name, listener),
  };
}

const browserFeatures = {
  'host.openExternal'({ url }: HostInput<'host.openExternal'>): HostOutput<'host.openExternal'> {
    if (!/^https?:\/\//iu.test(url)) {
      throw new AppError('unsupported', 'Only web addresses can be opened.', { reason: 'address-not-web' });
    }
    window.open(url, '_blank', 'noopener,noreferrer');
    return {};
  },
  'host.saveFile'({ name, content }: HostInput<'host.saveFile'>): HostOutput<'host.saveFile'> {
    const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
    // A type that no browser opens: what a customer sent is never run as a page of this console.
    const url = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
    URL.revokeObjectURL(url);
    // Where to, and whether at all, is between the browser and the agent.
    return { isSaved: false };
  },
  /** The number stands in the title of the tab. */
  'host.setBadge': (): HostOutput<'host.setBadge'> => ({}),
};

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
