import type { IpcMain, IpcMainEvent, MessageChannelMain, WebFrameMain } from 'electron';
import type { CoreProcess } from './core-process.ts';
import { isOwnAddress } from './pages.ts';

/** Asked by preload, answered with one end of a channel whose other end this host joins to the core. */
export const PORT_CHANNEL = 'liendesk:port';

/**
 * Gives every window that asks a line to the core. Only the main frame of our own page is answered: a frame that
 * came in by other means gets nothing.
 */
export function brokerPorts(
  ipcMain: Pick<IpcMain, 'on'>,
  makeChannel: () => Pick<MessageChannelMain, 'port1' | 'port2'>,
  core: Pick<CoreProcess, 'attach'>,
): void {
  ipcMain.on(PORT_CHANNEL, (event: IpcMainEvent) => {
    if (!isOwnPage(event.senderFrame)) return;
    const { port1, port2 } = makeChannel();
    const line = core.attach({ onFrame: (frame) => port1.postMessage(frame), onEnd: () => port1.close() });
    port1.on('message', (message) => line.send(message.data));
    port1.on('close', () => line.detach());
    port1.start();
    event.senderFrame?.postMessage(PORT_CHANNEL, null, [port2]);
  });
}

/** The main frame of a page of ours. */
export function isOwnPage(frame: Pick<WebFrameMain, 'parent' | 'url'> | null): boolean {
  return frame !== null && frame.parent === null && isOwnAddress(frame.url);
}
