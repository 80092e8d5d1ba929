import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { seedDemo, seedEmpty } from '../demo/seed.ts';
import { Program, type ProgramOptions, projectRoot } from '../processes/program.ts';
import { findElectron } from './find-electron.ts';
import { openBrowser } from './open-browser.ts';
import { chooseRelayPort, prepareDataDir } from './relay-settings.ts';
import { HELP, type StartOptions, readStartOptions } from './start-options.ts';

const programs: Program[] = [];
let isStopping = false;

async function start(options: StartOptions): Promise<void> {
  prepareDataDir(options.dataDir, options.isReset);
  const electron = await chooseHost(options);
  const relay = options.relayUrl === null ? await startOwnRelay(options) : { url: options.relayUrl, signIn: null };
  if ('binary' in electron) await startElectron(electron.binary, options, relay);
  else await startLoopback(options, relay);
}

interface ChosenRelay {
  url: string;
  signIn: { email: string; password: string } | null;
}

async function chooseHost(options: StartOptions): Promise<{ binary: string } | { whyNot: string }> {
  if (options.host === 'loopback') return { whyNot: '' };
  const found = await findElectron({ mayFetch: true });
  if ('whyNot' in found) {
    if (options.host === 'electron') throw new Error(`Cannot start in Electron: ${found.whyNot}.`);
    process.stderr.write(`The console opens in the browser, because ${found.whyNot}.\n`);
  }
  return found;
}

async function startOwnRelay(options: StartOptions): Promise<ChosenRelay> {
  const { dataDir } = options;
  const relayDir = path.join(dataDir, 'relay');
  const port = await chooseRelayPort(dataDir);
  const relay = await run({
    entry: 'src-relay/main.ts',
    args: ['--port', String(port), '--host', '127.0.0.1', '--data-dir', relayDir],
    ready: /^Liendesk relay: (\S+)$/u,
    logFile: path.join(dataDir, 'logs', 'relay.log'),
  });
  const url = relay.match[1]!;
  if (options.isEmpty) {
    const admin = await seedEmpty(relayDir);
    if (admin !== null) process.stderr.write(`Administrator: ${admin.email}, password ${admin.password}\n`);
    return { url, signIn: admin };
  }
  const signIn = await seedDemo({ relayDir, url, dataDir });
  const demo = await run({
    entry: 'tools/demo/main.ts',
    args: ['--relay', url, '--relay-dir', relayDir],
    ready: /^Demo shop: (\S+)$/u,
    logFile: path.join(dataDir, 'logs', 'demo.log'),
  });
  process.stderr.write(`Demo shop, to write as a customer yourself: ${demo.match[1]!}\n`);
  return { url, signIn };
}

async function startLoopback(options: StartOptions, relay: ChosenRelay): Promise<void> {
  const consoleDir = path.join(options.dataDir, 'console');
  const passwordFile = path.join(consoleDir, 'sign-in');
  const signIn = relay.signIn === null ? ['--relay', relay.url] : writeSignIn(passwordFile, relay);
  const host = await run({
    entry: 'src-main/host-loopback/main.ts',
    args: ['--data-dir', consoleDir, '--port', String(options.consolePort), ...signIn],
    ready: /^Liendesk console: (\S+)$/u,
    logFile: path.join(options.dataDir, 'logs', 'console.log'),
  });
  rmSync(passwordFile, { force: true });
  const url = host.match[1]!;
  process.stdout.write(`Liendesk console: ${url}\n`);
  if (options.isOpened) openBrowser(url, process.platform);
}

async function startElectron(binary: string, options: StartOptions, relay: ChosenRelay): Promise<void> {
  const consoleDir = path.join(options.dataDir, 'console');
  const passwordFile = path.join(consoleDir, 'sign-in');
  const signIn = relay.signIn === null ? ['--relay', relay.url] : writeSignIn(passwordFile, relay);
  await buildElectron();
  const host = await run({
    command: binary,
    entry: 'dist/electron/main.js',
    args: ['--data-dir', consoleDir, ...signIn],
    ready: /^Liendesk console: (\S+)$/u,
    logFile: path.join(options.dataDir, 'logs', 'console.log'),
  });
  rmSync(passwordFile, { force: true });
  process.stdout.write(`Liendesk console: ${host.match[1]!}\n`);
}

/** Only who has Electron's binary pays for bundling its processes. */
function buildElectron(): Promise<void> {
  return new Promise((resolve, reject) => {
    const build = spawn(process.execPath, [path.join(projectRoot, 'tools/launch/run.mjs'), 'build', 'electron'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    build.once('error', reject);
    build.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error('Electron’s processes could not be bundled; see above.')),
    );
  });
}

/** A password is handed over in a file of the user's own, never in arguments that other users can list. */
function writeSignIn(passwordFile: string, relay: ChosenRelay): string[] {
  mkdirSync(path.dirname(passwordFile), { recursive: true });
  writeFileSync(passwordFile, relay.signIn!.password, { mode: 0o600 });
  return ['--relay', relay.url, '--email', relay.signIn!.email, '--password-file', passwordFile];
}

async function run(options: Omit<ProgramOptions, 'env'>): Promise<Program> {
  const program = await Program.start({ ...options, env: process.env });
  if (isStopping) {
    await program.stop();
    return program;
  }
  programs.push(program);
  program.onUnexpectedEnd((code) => {
    // Closing Electron's last window ends the program as Ctrl+C does.
    if (!isStopping && code !== 0) {
      process.stderr.write(
        `${options.entry} ended with exit code ${String(code)}; see ${options.logFile ?? 'above'}.\n`,
      );
    }
    void stop(code ?? 1);
  });
  return program;
}

async function stop(code: number): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  // In reverse: consoles first, the relay last.
  for (const program of programs.toReversed()) await program.stop();
  process.exit(code);
}

async function main(): Promise<void> {
  const options = readStartOptions(process.argv.slice(2), process.env, process.platform);
  if (options === 'help') process.stdout.write(HELP);
  else await start(options);
}

process.chdir(projectRoot);
process.on('SIGINT', () => void stop(0));
process.on('SIGTERM', () => void stop(0));
main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  void stop(1);
});
