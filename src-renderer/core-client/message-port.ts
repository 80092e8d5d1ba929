import type { FromCoreFrame } from '../../shared/core-api/port.ts';
import { Subscribable } from '../../shared/primitives/subscribable.ts';
import type { ConsolePort } from './console-port.ts';

/** What Electron's preload puts on `window.liendeskHost`. */
export interface LiendeskHost {
  /** Asks for a port to the core; it comes by `window.postMessage` with `LIENDESK_PORT` as data and the port. */
  requestPort(): void;
  /** One generic door for everything of `shared/host-api`; answers like a reply frame. */
  request(name: string, input: unknown): Promise<{ ok: true; output: unknown } | { ok: false; error: unknown }>;
  /** @returns its own undo */
  onPush(listener: (frame: { push: string; payload: unknown }) => void): () => void;
}

export const LIENDESK_PORT = 'liendesk-port';

declare global {
  interface Window {
    liendeskHost?: LiendeskHost;
  }
}

/** Asks preload for a `MessagePort` to the core and wraps it. A core that ends closes the port. */
export function openMessagePort(host: LiendeskHost, target: Window): Promise<ConsolePort> {
  return new Promise((resolve) => {
    const receive = (event: MessageEvent) => {
      const port = event.ports[0];
      if (event.source !== target || event.data !== LIENDESK_PORT || port === undefined) return;
      target.removeEventListener('message', receive);
      resolve(wrapMessagePort(port));
    };
    target.addEventListener('message', receive);
    host.requestPort();
  });
}

function wrapMessagePort(port: MessagePort): ConsolePort {
  const frames = new Subscribable<FromCoreFrame>();
  const closes = new Subscribable<void>();
  port.addEventListener('message', (event) => frames.publish(event.data as FromCoreFrame));
  port.addEventListener('close', () => closes.publish());
  port.start();
  return {
    send: (frame) => port.postMessage(frame),
    onFrame: (listener) => frames.subscribe(listener),
    onClose: (listener) => closes.subscribe(listener),
    close: () => port.close(),
  };
}
