import { writeFile } from 'node:fs/promises';
import type { App, BrowserWindow, Dialog, IpcMain, Notification, Shell } from 'electron';
import { AppError, toErrorBody } from '../../shared/errors.ts';
import { type HostInput, type HostOutput, type HostRequestName, hostRequests } from '../../shared/host-api/host-api.ts';
import { isOwnPage } from './port.ts';
import { openInBrowser } from './window.ts';

/** The one door for everything of `shared/host-api`, and the way back for pushes. */
export const HOST_CHANNEL = 'liendesk:host';
export const HOST_PUSH_CHANNEL = 'liendesk:host-push';

export interface HostParts {
  app: Pick<App, 'getVersion' | 'setBadgeCount'>;
  shell: Pick<Shell, 'openExternal'>;
  dialog: Pick<Dialog, 'showSaveDialog'>;
  makeNotification(options: { title: string; body: string }): Pick<Notification, 'on' | 'show'>;
  window: Pick<BrowserWindow, 'show' | 'focus' | 'isFocused'> & {
    webContents: Pick<BrowserWindow['webContents'], 'send'>;
  };
  platform: string;
}

type Features = { [Name in HostRequestName]: (input: HostInput<Name>) => Promise<HostOutput<Name>> };

/** What this host can do, over the few APIs of Electron that it needs. */
export function makeHostFeatures(parts: HostParts): Features {
  return {
    'host.describe': async () => ({ kind: 'electron', version: parts.app.getVersion(), platform: parts.platform }),
    'host.notify': async ({ title, body, conversationId }) => {
      // Somebody who looks at the window sees it there.
      if (parts.window.isFocused()) return { isShown: false };
      const notification = parts.makeNotification({ title, body });
      notification.on('click', () => {
        parts.window.show();
        parts.window.focus();
        if (conversationId !== null) {
          parts.window.webContents.send(HOST_PUSH_CHANNEL, { push: 'openConversation', payload: { conversationId } });
        }
      });
      notification.show();
      return { isShown: true };
    },
    'host.setBadge': async ({ count }) => {
      parts.app.setBadgeCount(count);
      return {};
    },
    'host.openExternal': async ({ url }) => {
      if (!openInBrowser(parts.shell, url)) {
        throw new AppError('unsupported', 'Only web addresses can be opened.', { reason: 'address-not-web' });
      }
      return {};
    },
    'host.saveFile': async ({ name, content }) => {
      const { canceled, filePath } = await parts.dialog.showSaveDialog({ defaultPath: name });
      if (canceled || filePath === '') return { isSaved: false };
      await writeFile(filePath, Buffer.from(content, 'base64'));
      return { isSaved: true };
    },
  };
}

/** Answers preload; like a reply frame, since Electron forwards only the message of a thrown error. */
export function answerHostRequests(ipcMain: Pick<IpcMain, 'handle'>, features: Features): void {
  ipcMain.handle(HOST_CHANNEL, async (event, name: unknown, input: unknown) => {
    try {
      if (!isOwnPage(event.senderFrame)) throw new AppError('forbidden', 'This page may not ask the host.');
      if (typeof name !== 'string' || !Object.hasOwn(features, name)) {
        throw new AppError('unsupported', `This host cannot do "${String(name)}".`, { reason: 'host-cannot' });
      }
      const request = name as HostRequestName;
      const parsed = hostRequests[request].input.safeParse(input ?? {});
      if (!parsed.success) throw new AppError('invalid', `Bad input for "${request}".`, { cause: parsed.error });
      return { ok: true, output: await features[request](parsed.data as never) };
    } catch (error) {
      return { ok: false, error: toErrorBody(error, 'host') };
    }
  });
}
