import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Browser, type Page, chromium } from '@playwright/test';
import { type LoopbackServer, startLoopbackServer } from '../../src-main/host-loopback/http-server.ts';
import { joinPort } from '../../src-main/host-loopback/port.ts';
import { browserArguments, findBrowser, hasBrowserSandbox } from '../../tests/browser.ts';
import type { ConsoleCore } from './console-core.ts';

const PAGES = path.join(import.meta.dirname, '../../dist/renderer');

const SIZE = { width: 1440, height: 900 };

/** A conversation and the message that has to be on the screen when it is open. */
export interface Shown {
  conversationId: string;
  newestMessageId: string;
}

/** The real console in a real browser, on the parts of the loopback host. */
export class BrowserConsole {
  readonly #server: LoopbackServer;
  readonly #browser: Browser;
  readonly #page: Page;
  readonly #stopRecording: () => Promise<void>;

  private constructor(server: LoopbackServer, browser: Browser, page: Page, stopRecording: () => Promise<void>) {
    this.#server = server;
    this.#browser = browser;
    this.#page = page;
    this.#stopRecording = stopRecording;
  }

  /**
   * Opens a window on a core that has tabs open.
   * @param profileFolder where what the page does is recorded; null: it is not
   */
  static async start(core: ConsoleCore, profileFolder: string | null): Promise<BrowserConsole> {
    const server = await startLoopbackServer({
      port: 0,
      token: randomBytes(32).toString('base64url'),
      pages: PAGES,
      onSocket: (socket) =>
        joinPort(socket, (onFrame, onEnd) => core.attach(onFrame, onEnd), {
          'host.describe': async () => ({ kind: 'loopback', version: 'bench', platform: process.platform }),
        }),
    });
    try {
      const { executablePath, env } = await findBrowser();
      const browser = await chromium.launch({
        executablePath,
        args: [...browserArguments],
        chromiumSandbox: hasBrowserSandbox,
        env: { ...process.env, ...env },
      });
      const context = await browser.newContext({ viewport: SIZE, locale: 'vi-VN' });
      const page = await context.newPage();
      await page.goto(server.url);
      const stopRecording = profileFolder === null ? async () => {} : await record(page, profileFolder);
      return new BrowserConsole(server, browser, page, stopRecording);
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  /** Loads the page anew, so that it has read nothing yet, and waits for the tabs. */
  async reload(): Promise<void> {
    await this.#page.reload();
    await this.#page.locator('[role=tab]').first().waitFor();
    await this.#page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 500)));
  }

  /** Median time from one frame of an idle page to the next, in ms. */
  frameMs(): Promise<number> {
    return this.#page.evaluate(async () => {
      const times: number[] = [];
      for (let frame = 0; frame < 61; frame += 1) {
        times.push(await new Promise<number>((resolve) => requestAnimationFrame(resolve)));
      }
      const gaps = times.slice(1).map((time, index) => time - times[index]!);
      return gaps.sort((one, other) => one - other)[Math.floor(gaps.length / 2)]!;
    });
  }

  /**
   * Clicks on a tab. @returns ms until the frame is drawn that first has the conversation's newest message
   */
  switchTo({ conversationId, newestMessageId }: Shown): Promise<number> {
    return this.#page.evaluate(
      async ({ tabId, messageId }) => {
        const tab = document.getElementById(tabId);
        if (tab === null) throw new Error(`there is no tab ${tabId}`);
        const selector = `[data-anchor="${CSS.escape(messageId)}"]`;
        const isShown = (): boolean => document.querySelector(selector) !== null;
        if (isShown()) throw new Error(`${tabId} is shown already`);
        const startedAt = performance.now();
        const shown = new Promise<void>((resolve, reject) => {
          const observer = new MutationObserver(() => {
            if (!isShown()) return;
            observer.disconnect();
            resolve();
          });
          observer.observe(document.body, { childList: true, subtree: true });
          setTimeout(() => reject(new Error(`${tabId} did not open`)), 15_000);
        });
        tab.click();
        if (!isShown()) await shown;
        // A frame is drawn after its callbacks; the first task after that comes when it is out.
        await new Promise<void>((resolve) => {
          requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.addEventListener('message', () => resolve());
            port1.start();
            port2.postMessage(null);
          });
        });
        const elapsedMs = performance.now() - startedAt;
        // What is saved or read ahead after a switch does not belong to the next one.
        await new Promise((resolve) => setTimeout(resolve, 150));
        return elapsedMs;
      },
      { tabId: `tab-${conversationId}`, messageId: newestMessageId },
    );
  }

  async stop(): Promise<void> {
    await this.#stopRecording();
    await this.#browser.close();
    await this.#server.close();
  }
}

async function record(page: Page, folder: string): Promise<() => Promise<void>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Profiler.enable');
  await session.send('Profiler.setSamplingInterval', { interval: 200 });
  await session.send('Profiler.start');
  return async () => {
    const { profile } = await session.send('Profiler.stop');
    writeFileSync(path.join(folder, 'page.cpuprofile'), JSON.stringify(profile));
  };
}
