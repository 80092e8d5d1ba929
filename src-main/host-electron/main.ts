import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  BrowserWindow,
  MessageChannelMain,
  Notification,
  app,
  dialog,
  ipcMain,
  powerMonitor,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  utilityProcess,
} from 'electron';
import { AppError } from '../../shared/errors.ts';
import { CoreProcess } from './core-process.ts';
import { answerHostRequests, makeHostFeatures } from './host-features.ts';
import { PAGE_ORIGIN, PAGE_SCHEME, answerPage } from './pages.ts';
import { brokerPorts } from './port.ts';
import { readOrMakeSealedKeys } from './secret-store.ts';
import { tellOfWaking } from './tell-of-waking.ts';
import { lockDown, readBounds, rememberBounds, windowOptions } from './window.ts';

// Bundled into dist/electron, beside dist/renderer and dist/core.
const here = import.meta.dirname;

async function run(): Promise<void> {
  const { values } = parseArgs({
    // Electron and Chromium have switches of their own.
    strict: false,
    options: {
      'data-dir': { type: 'string' },
      relay: { type: 'string' },
      email: { type: 'string' },
      'password-file': { type: 'string' },
    },
  });
  const dataDir = text(values['data-dir']) ?? path.join(app.getPath('userData'), 'console');
  const relayUrl = text(values['relay']);
  const email = text(values['email']);
  const passwordFile = text(values['password-file']);
  const signIn =
    relayUrl !== undefined && email !== undefined && passwordFile !== undefined
      ? { signIn: { relayUrl, email, password: readFileSync(passwordFile, 'utf8').trim() } }
      : {};

  await app.whenReady();
  protocol.handle(PAGE_SCHEME, (request) => answerPage(path.join(here, '../renderer'), request.url));
  const keys = readOrMakeSealedKeys(dataDir, safeStorage);
  const utility = utilityProcess.fork(path.join(here, '../core/core.js'), [], { serviceName: 'Liendesk core' });
  const core = await CoreProcess.start(utility, {
    dataDir,
    keys,
    ...(relayUrl === undefined ? {} : { relayUrl }),
    ...signIn,
  });
  core.onEnd(() => app.quit());
  tellOfWaking(powerMonitor, core);

  const boundsFile = path.join(dataDir, 'window.json');
  const bounds = readBounds(
    boundsFile,
    screen.getAllDisplays().map((display) => display.workArea),
  );
  const window = new BrowserWindow(windowOptions(path.join(here, 'preload.cjs'), bounds));
  rememberBounds(boundsFile, window);
  lockDown(window.webContents, session.defaultSession, shell);
  brokerPorts(ipcMain, () => new MessageChannelMain(), core);
  answerHostRequests(
    ipcMain,
    makeHostFeatures({
      app,
      shell,
      dialog,
      window,
      platform: process.platform,
      makeNotification: (options) => new Notification(options),
    }),
  );
  app.on('second-instance', () => {
    if (window.isMinimized()) window.restore();
    window.focus();
  });
  let hasStopped = false;
  app.on('before-quit', (event) => {
    if (hasStopped) return;
    event.preventDefault();
    void core.stop().then(() => {
      hasStopped = true;
      app.quit();
    });
  });
  window.once('ready-to-show', () => window.show());
  await window.loadURL(`${PAGE_ORIGIN}/index.html`);
  process.stdout.write(`Liendesk console: ${PAGE_ORIGIN}/\n`);
}

function text(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

app.enableSandbox();
protocol.registerSchemesAsPrivileged([{ scheme: PAGE_SCHEME, privileges: { standard: true, secure: true } }]);
if (app.requestSingleInstanceLock()) {
  app.on('window-all-closed', () => app.quit());
  run().catch((error: unknown) => {
    dialog.showErrorBox('Liendesk', error instanceof AppError ? error.message : String(error));
    app.exit(1);
  });
} else app.quit();
