import { contextBridge, ipcRenderer } from 'electron';

// Channel names stand here again, as in port.ts and host-features.ts: a sandboxed preload loads nothing but itself.
const PORT_CHANNEL = 'liendesk:port';
const HOST_CHANNEL = 'liendesk:host';
const HOST_PUSH_CHANNEL = 'liendesk:host-push';

ipcRenderer.on(PORT_CHANNEL, (event) => {
  window.postMessage('liendesk-port', window.location.origin, event.ports);
});

contextBridge.exposeInMainWorld('liendeskHost', {
  requestPort: () => ipcRenderer.send(PORT_CHANNEL),
  request: (name: unknown, input: unknown) => ipcRenderer.invoke(HOST_CHANNEL, name, input),
  onPush: (listener: (frame: unknown) => void) => {
    const receive = (_event: unknown, frame: unknown): void => listener(frame);
    ipcRenderer.on(HOST_PUSH_CHANNEL, receive);
    return () => ipcRenderer.off(HOST_PUSH_CHANNEL, receive);
  },
});
