import type { FromCoreFrame } from '../../shared/core-api/port.ts';
import { Subscribable } from '../../shared/primitives/subscribable.ts';
import type { ConsolePort } from './console-port.ts';

/** The loopback host's pipe: JSON text frames, let in by the cookie that the page was opened with. */
export function openWebSocketPort(url: string): Promise<ConsolePort> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    const frames = new Subscribable<FromCoreFrame>();
    const closes = new Subscribable<void>();
    let isOpen = false;
    socket.addEventListener('open', () => {
      isOpen = true;
      resolve({
        send: (frame) => socket.send(JSON.stringify(frame)),
        onFrame: (listener) => frames.subscribe(listener),
        onClose: (listener) => closes.subscribe(listener),
        close: () => socket.close(),
      });
    });
    socket.addEventListener('message', (event) => {
      frames.publish(JSON.parse(String(event.data)) as FromCoreFrame);
    });
    socket.addEventListener('close', () => {
      if (isOpen) closes.publish();
      else reject(new Error(`the host at ${url} cannot be reached`));
    });
  });
}

/** `ws(s)://<same origin>/port` for the page at `location`. */
export function webSocketUrlOf(location: { protocol: string; host: string }): string {
  return `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/port`;
}
