import path from 'node:path';
import { parseArgs } from 'node:util';
import { AppError } from '../shared/errors.ts';

export const HELP = `npm run relay -- [options]

The Liendesk relay: takes customers' messages in, keeps them, and serves the consoles.

  --port N             port to listen on (LIENDESK_PORT; default 4600; 0 for any)
  --host ADDRESS       address to listen on (LIENDESK_HOST; default 127.0.0.1)
  --data-dir DIR       where everything is kept (LIENDESK_DATA_DIR; default: the platform's user-data folder)
  --public-url URL     how customers and agents reach it (LIENDESK_PUBLIC_URL; default: the address it listens on)
  --tls-cert FILE      certificate chain, PEM (LIENDESK_TLS_CERT), with
  --tls-key FILE       its key, PEM (LIENDESK_TLS_KEY); without both it speaks plain HTTP
  --trusted-proxy LIST addresses or networks whose X-Forwarded-For is believed, by commas (LIENDESK_TRUSTED_PROXY)
  --metrics-token T    lets others than this machine read /metrics (LIENDESK_METRICS_TOKEN)
  --log-level LEVEL    trace, debug, info, warn, error or fatal (LIENDESK_LOG_LEVEL; default info)
  --help               this text

Flags win over the environment. Logs are JSON lines on stderr.
`;

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

export interface RelayOptions {
  port: number;
  host: string;
  dataFolder: string;
  publicUrl: string | null;
  tls: { certFile: string; keyFile: string } | null;
  trustedProxies: string[];
  metricsToken: string | null;
  logLevel: string;
}

interface Surroundings {
  args: string[];
  env: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
  homeFolder: string;
}

/** @throws AppError `invalid` or `unsupported`, in words for whoever typed the command */
export function readRelayOptions({ args, env, platform, homeFolder }: Surroundings): RelayOptions | 'help' {
  const values = parse(args);
  if (values.help === true) return 'help';
  const setting = (flag: Exclude<keyof typeof values, 'help'>): string | undefined => {
    const value = values[flag] ?? env[`LIENDESK_${flag.replaceAll('-', '_').toUpperCase()}`];
    return value === '' ? undefined : value;
  };
  if (setting('database-url') !== undefined) {
    throw new AppError('unsupported', '--database-url: PostgreSQL is not built yet; leave it out to use SQLite.');
  }
  const logLevel = setting('log-level') ?? 'info';
  if (!LOG_LEVELS.includes(logLevel)) throw refuse(`--log-level takes one of ${LOG_LEVELS.join(', ')}.`);
  const list = setting('trusted-proxy') ?? '';
  return {
    port: readPort(setting('port') ?? '4600'),
    host: setting('host') ?? '127.0.0.1',
    dataFolder: path.resolve(setting('data-dir') ?? path.join(userDataFolder(platform, env, homeFolder), 'relay')),
    publicUrl: readUrl(setting('public-url')),
    tls: readTls(setting('tls-cert'), setting('tls-key')),
    trustedProxies: list.split(',').flatMap((address) => (address.trim() === '' ? [] : [address.trim()])),
    metricsToken: setting('metrics-token') ?? null,
    logLevel,
  };
}

function parse(args: string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args,
      options: {
        port: text,
        host: text,
        'data-dir': text,
        'database-url': text,
        'public-url': text,
        'tls-cert': text,
        'tls-key': text,
        'trusted-proxy': text,
        'metrics-token': text,
        'log-level': text,
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (cause) {
    throw new AppError('invalid', `${(cause as Error).message.split('. ')[0]}. --help lists all options.`, { cause });
  }
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw refuse(`--port takes a number from 0 to 65535, not "${text}".`);
  return port;
}

function readUrl(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (!/^https?:\/\/[^/]+\/?$/u.test(text) || !URL.canParse(text)) {
    throw refuse(`--public-url takes an address such as https://chat.example.org, not "${text}".`);
  }
  return text.replace(/\/$/u, '');
}

function readTls(certFile: string | undefined, keyFile: string | undefined): RelayOptions['tls'] {
  if (certFile === undefined && keyFile === undefined) return null;
  if (certFile === undefined || keyFile === undefined) throw refuse('--tls-cert and --tls-key belong together.');
  return { certFile, keyFile };
}

/** The platform's folder for a user's application data, with `Liendesk` in it. */
function userDataFolder(platform: NodeJS.Platform, env: NodeJS.ProcessEnv, homeFolder: string): string {
  switch (platform) {
    case 'win32':
      return path.join(env['APPDATA'] ?? path.join(homeFolder, 'AppData', 'Roaming'), 'Liendesk');
    case 'darwin':
      return path.join(homeFolder, 'Library', 'Application Support', 'Liendesk');
    default:
      return path.join(env['XDG_DATA_HOME'] ?? path.join(homeFolder, '.local', 'share'), 'Liendesk');
  }
}

function refuse(message: string): AppError {
  return new AppError('invalid', message);
}
