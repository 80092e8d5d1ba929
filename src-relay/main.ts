import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { type Logger, pino } from 'pino';
import { AppError } from '../shared/errors.ts';
import { listeningUrl } from './http/listening-url.ts';
import { HELP, type RelayOptions, readRelayOptions } from './relay-options.ts';
import type { Relay } from './relay.ts';

const projectFolder = path.join(import.meta.dirname, '..');
/** The launcher ends by force whatever has not stopped within ten seconds. */
const STOP_WITHIN_MS = 8000;

const SECRETS = ['password', 'token', 'accessToken', 'refreshToken', 'adminToken', 'authorization', 'cookie'];
const WORDS = ['text', 'body', 'content'];

async function main(): Promise<void> {
  const options = readRelayOptions({
    args: process.argv.slice(2),
    env: process.env,
    platform: process.platform,
    homeFolder: homedir(),
  });
  if (options === 'help') {
    process.stdout.write(HELP);
    return;
  }
  // better-sqlite3 ends an older Node without a word, so it is not even loaded there.
  if (Number(process.versions['napi'] ?? 0) < 10) {
    throw new AppError('incompatible', `Node ${process.version} is too old; start with "npm run relay".`);
  }
  await serve(options, makeLogger(options.logLevel));
}

async function serve(options: RelayOptions, logger: Logger): Promise<void> {
  const { openDataFolder } = await import('./data-folder.ts');
  const { openRelayDatabase } = await import('./event-log/open-relay-database.ts');
  const { startCheckpoints } = await import('./event-log/start-checkpoints.ts');
  const { createRelay } = await import('./relay.ts');
  const { createSystemClock, createSystemRandom } = await import('./system-clock.ts');

  const random = createSystemRandom();
  const tls = options.tls && { cert: readPem(options.tls.certFile), key: readPem(options.tls.keyFile) };
  const folder = openDataFolder(options.dataFolder, random);
  const database = openRelayDatabase(folder.databaseFile);
  const clock = createSystemClock();
  const relay = await createRelay({
    database,
    filesFolder: folder.filesFolder,
    signingKey: folder.signingKey,
    widgetFolder: path.join(projectFolder, 'dist', 'widget'),
    clock,
    random,
    logger,
    version: readVersion(),
    metricsToken: options.metricsToken,
    trustedProxies: options.trustedProxies,
    tls,
    adminToken: folder.adminToken,
    backupsFolder: path.join(options.dataFolder, 'backups'),
    publicUrl: options.publicUrl,
  });
  const stopCheckpoints = startCheckpoints({ database, eventLog: relay.eventLog, clock, logger });
  stopOnSignals(logger, async () => {
    await relay.close();
    await stopCheckpoints();
    database.close();
    folder.close();
  });
  const url = await listen(relay, options, tls !== null);
  folder.announce(url, options.publicUrl ?? url, tls && tls.cert.toString('utf8'));
  logger.info({ url, dataFolder: options.dataFolder, version: readVersion(), pid: process.pid }, 'relay is ready');
  process.stdout.write(`Liendesk relay: ${options.publicUrl ?? url}\n`);
}

/** @returns how this machine reaches it */
async function listen(relay: Relay, { host, port }: RelayOptions, isEncrypted: boolean): Promise<string> {
  try {
    const actualPort = await relay.listen({ host, port });
    return listeningUrl(host, actualPort, isEncrypted);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new AppError('conflict', `Port ${port} is in use; choose another with --port.`, { cause });
    }
    if (code === 'EACCES') throw new AppError('forbidden', `Port ${port} may not be used by this user.`, { cause });
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new AppError('invalid', `This machine has no address ${host}; choose another with --host.`, { cause });
    }
    throw cause;
  }
}

function stopOnSignals(logger: Logger, stop: () => Promise<void>): void {
  let isStopping = false;
  const onSignal = (signal: string) => {
    if (isStopping) process.exit(130);
    isStopping = true;
    logger.info({ signal }, 'stopping');
    setTimeout(() => {
      logger.error('something did not stop in time');
      process.exit(1);
    }, STOP_WITHIN_MS).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => onSignal(signal));
}

function makeLogger(level: string): Logger {
  const names = [...SECRETS, ...WORDS];
  return pino(
    {
      level,
      base: { name: 'relay' },
      redact: { paths: names.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(path.join(projectFolder, 'package.json'), 'utf8')) as { version: string };
  return version;
}

function readPem(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new AppError('storage', `${file} cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

/** One line for a person; the stack only where the mistake is ours. */
function fail(error: unknown): never {
  const line = error instanceof AppError ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`Liendesk relay: ${line}\n`);
  process.exit(1);
}

process.on('uncaughtException', fail);
main().catch(fail);
