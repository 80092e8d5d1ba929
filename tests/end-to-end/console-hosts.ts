import { readFileSync, readdirSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { type Browser, type BrowserContext, type ElectronApplication, type Page, _electron } from '@playwright/test';
import { Program, projectRoot } from '../../tools/processes/program.ts';
import { findElectronBinary } from '../electron-binary.ts';
import { findTestPort } from '../fakes/find-test-port.ts';

/** What shows a console: a browser tab on the loopback host, or Electron. */
export type HostKind = 'loopback' | 'electron';

export interface HostOptions {
  dataDir: string;
  logFile: string;
  /** Signs in by itself when nobody is signed in; null leaves that to the sign-in page. */
  signIn: { relayUrl: string; email: string; passwordFile: string } | null;
  /** Size of the window, CSS pixels. */
  size: { width: number; height: number };
}

/** One console of one agent: its processes and the window that shows it. */
export interface RunningHost {
  page: Page;
  /** The address the loopback host printed, with its token; null in Electron. */
  url: string | null;
  /** Ends it as an agent would. */
  stop(): Promise<void>;
  /** Ends the host and its core at once, as a power cut would. */
  kill(): Promise<void>;
}

/** Where consoles run; made once for a spec file. */
export interface ConsoleHosts {
  kind: HostKind;
  /** @param onPage called with every page before anything is loaded into it, where the host allows that */
  start(options: HostOptions, onPage: (page: Page) => void): Promise<RunningHost>;
}

export function loopbackHosts(browser: Browser): ConsoleHosts {
  // A device keeps its port and its browser profile over restarts, as one that listens on 4680 does.
  const devices = new Map<string, { port: number; context: BrowserContext }>();
  return {
    kind: 'loopback',
    async start(options, onPage) {
      const device = devices.get(options.dataDir) ?? {
        port: await findTestPort(),
        context: await browser.newContext({ viewport: options.size, locale: 'en-GB', reducedMotion: 'reduce' }),
      };
      devices.set(options.dataDir, device);
      const program = await Program.start({
        entry: 'src-main/host-loopback/main.ts',
        args: ['--port', String(device.port), ...consoleArguments(options)],
        ready: /^Liendesk console: (\S+)$/u,
        logFile: options.logFile,
        env: process.env,
      });
      const url = program.match[1]!;
      const page = await device.context.newPage();
      onPage(page);
      await page.goto(url);
      return {
        page,
        url,
        async stop() {
          await page.close();
          await program.stop();
        },
        async kill() {
          killAtOnce(childrenOf(program.pid));
          await program.kill();
          await page.close();
        },
      };
    },
  };
}

export function electronHosts(): ConsoleHosts {
  return {
    kind: 'electron',
    async start(options, onPage) {
      const app = await _electron.launch({
        executablePath: findElectronBinary()!,
        args: [projectRoot, `--user-data-dir=${path.join(options.dataDir, 'electron')}`, ...consoleArguments(options)],
        cwd: projectRoot,
      });
      const page = await app.firstWindow();
      onPage(page);
      await page.setViewportSize(options.size);
      return { page, url: null, stop: () => app.close(), kill: () => killElectron(app) };
    },
  };
}

async function killElectron(app: ElectronApplication): Promise<void> {
  const main = app.process();
  const hasEnded = new Promise<void>((resolve) => main.once('exit', () => resolve()));
  killAtOnce([...childrenOf(main.pid!), main.pid!]);
  await hasEnded;
}

function consoleArguments({ dataDir, signIn }: HostOptions): string[] {
  const account =
    signIn === null
      ? []
      : ['--relay', signIn.relayUrl, '--email', signIn.email, '--password-file', signIn.passwordFile];
  return ['--data-dir', dataDir, ...account];
}

function killAtOnce(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

/** Processes that a process started; the core of a host is one of them. */
function childrenOf(parent: number): number[] {
  return listProcesses()
    .filter((one) => one.parent === parent)
    .map((one) => one.pid);
}

function listProcesses(): { pid: number; parent: number }[] {
  if (process.platform === 'linux') {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/u.test(name))
      .flatMap((name) => {
        try {
          // pid (name of the program) state parent …
          const [, parent] = /\) \S (\d+)/u.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
          return [{ pid: Number(name), parent: Number(parent) }];
        } catch {
          return [];
        }
      });
  }
  const lines =
    process.platform === 'win32'
      ? execFileSync('powershell', [
          '-Command',
          'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.ParentProcessId)" }',
        ])
      : execFileSync('ps', ['-A', '-o', 'pid=,ppid=']);
  return String(lines)
    .split('\n')
    .map((line) => line.trim().split(/\s+/u).map(Number))
    .map(([pid = 0, parent = 0]) => ({ pid, parent }));
}
