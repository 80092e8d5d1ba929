import { AppError } from '../../shared/errors.ts';
import type { HostInput, HostOutput, HostPushes, HostRequestName } from '../../shared/host-api/host-api.ts';
import { Subscribable } from '../../shared/primitives/subscribable.ts';
import type { CoreClient } from './core-client.ts';
import type { HostClient } from './host-client.ts';

type Features = { [Name in HostRequestName]?: (input: HostInput<Name>) => HostOutput<Name> };

/**
 * Loopback: what concerns the screen is done by the browser that the window lives in; the rest goes to the host beside
 * the requests to the core.
 */
export function createBrowserHostClient(core: CoreClient): HostClient {
  const opens = new Subscribable<HostPushes['openConversation']>();
  const features: Features = {
    'host.openExternal': openExternal,
    'host.saveFile': saveFile,
    'host.notify': (input) => ({ isShown: notify(input, (conversationId) => opens.publish({ conversationId })) }),
    // The number stands in the title of the tab.
    'host.setBadge': () => ({}),
  };
  return {
    isBrowser: true,
    async request<Name extends HostRequestName>(name: Name, input: HostInput<Name>) {
      const feature = features[name];
      return feature === undefined ? await core.requestHost(name, input) : feature(input);
    },
    onPush: (name, listener) => {
      const stops = [core.onPush(name, listener), opens.subscribe(listener)];
      return () => stops.forEach((stop) => stop());
    },
  };
}

function openExternal({ url }: HostInput<'host.openExternal'>): HostOutput<'host.openExternal'> {
  if (!/^https?:\/\//iu.test(url)) {
    throw new AppError('unsupported', 'Only web addresses can be opened.', { reason: 'address-not-web' });
  }
  window.open(url, '_blank', 'noopener,noreferrer');
  return {};
}

function saveFile({ name, content }: HostInput<'host.saveFile'>): HostOutput<'host.saveFile'> {
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
}

/** Shown once the agent has allowed it in the settings, and not while the window has the focus. */
function notify(
  { title, body, conversationId }: HostInput<'host.notify'>,
  open: (conversationId: string) => void,
): boolean {
  if (typeof Notification === 'undefined' || Notification.permission !== 'granted' || document.hasFocus()) return false;
  const notification = new Notification(title, { body, ...(conversationId === null ? {} : { tag: conversationId }) });
  notification.addEventListener('click', () => {
    window.focus();
    if (conversationId !== null) open(conversationId);
    notification.close();
  });
  return true;
}
