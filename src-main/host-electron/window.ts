import { readFileSync, writeFileSync } from 'node:fs';
import type { BrowserWindow, BrowserWindowConstructorOptions, Rectangle, Session, Shell, WebContents } from 'electron';
import { z } from 'zod';
import { isOwnAddress } from './pages.ts';

const boundsSchema = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().min(640),
  height: z.number().int().min(480),
});

const DEFAULT_SIZE = { width: 1280, height: 800 };

/** Where the window was; the default size where that is unknown or no longer on any screen. */
export function readBounds(
  file: string,
  screens: readonly Rectangle[],
): Partial<Rectangle> & { width: number; height: number } {
  try {
    const bounds = boundsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    const isVisible = screens.some(
      (screen) =>
        bounds.x + 100 < screen.x + screen.width &&
        bounds.x + bounds.width > screen.x + 100 &&
        bounds.y >= screen.y &&
        bounds.y + 50 < screen.y + screen.height,
    );
    return isVisible ? bounds : DEFAULT_SIZE;
  } catch {
    return DEFAULT_SIZE;
  }
}

export function rememberBounds(file: string, window: Pick<BrowserWindow, 'getNormalBounds' | 'on'>): void {
  window.on('close', () => {
    try {
      writeFileSync(file, JSON.stringify(window.getNormalBounds()));
    } catch {
      // On a full disk the window opens next time where windows open.
    }
  });
}

/** A window whose page can do nothing but talk to its preload. */
export function windowOptions(preload: string, bounds: Partial<Rectangle>): BrowserWindowConstructorOptions {
  return {
    ...bounds,
    minWidth: 900,
    minHeight: 600,
    show: false,
    autoHideMenuBar: true,
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
    },
  };
}

/** No other page in our windows, no new windows, no permissions. Links go to the user's browser. */
export function lockDown(
  contents: Pick<WebContents, 'on' | 'setWindowOpenHandler'>,
  session: Pick<Session, 'setPermissionRequestHandler' | 'setPermissionCheckHandler'>,
  shell: Pick<Shell, 'openExternal'>,
): void {
  contents.on('will-navigate', (event) => {
    if (!isOwnAddress(event.url)) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openInBrowser(shell, url);
    return { action: 'deny' };
  });
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
}

/** Opens http and https addresses only: others can start programs. @returns whether it was opened */
export function openInBrowser(shell: Pick<Shell, 'openExternal'>, url: string): boolean {
  const isWeb = URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol);
  if (isWeb) void shell.openExternal(url);
  return isWeb;
}
