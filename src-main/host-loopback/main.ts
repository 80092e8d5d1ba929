import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { AppError } from '../../shared/errors.ts';
import { readOrMakeLocalKeys } from '../core/local-keys.ts';
import { CoreChild, findCoreBundle } from './core-child.ts';
import { startLoopbackServer } from './http-server.ts';
import { type HostFeatures, joinPort } from './port.ts';

const HELP = `Serves a console to a browser on this machine.

  --data-dir DIR        where the console keeps its files (LIENDESK_CONSOLE_DIR)
  --port N              default 4680; 0 for any (LIENDESK_CONSOLE_PORT)
  --relay URL           the relay to sign in to; with --email and --password-file that is done when nobody is signed in
  --email E
  --password-file F
`;

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      'data-dir': { type: 'string' },
      port: { type: 'string' },
      relay: { type: 'string' },
      email: { type: 'string' },
      'password-file': { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return;
  }
  const dataDir = values['data-dir'] ?? process.env['LIENDESK_CONSOLE_DIR'];
  if (dataDir === undefined) throw new AppError('invalid', 'Say where the console keeps its files: --data-dir DIR.');
  const port = Number(values.port ?? process.env['LIENDESK_CONSOLE_PORT'] ?? 4680);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new AppError('invalid', '--port takes 0 to 65535.');

  const root = path.resolve(import.meta.dirname, '../..');
  const { relay, email } = values;
  const passwordFile = values['password-file'];
  const signIn =
    relay !== undefined && email !== undefined && passwordFile !== undefined
      ? { signIn: { relayUrl: relay, email, password: readFileSync(passwordFile, 'utf8').trim() } }
      : {};

  let isStopping = false;
  const core = await CoreChild.start(
    findCoreBundle(root),
    { dataDir, keys: readOrMakeLocalKeys(dataDir), ...(relay === undefined ? {} : { relayUrl: relay }), ...signIn },
    (code) => {
      if (isStopping) return;
      process.stderr.write(`The console's core ended unexpectedly (exit code ${String(code)}).\n`);
      process.exit(1);
    },
  );
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  const features: HostFeatures = {
    'host.describe': async () => ({ kind: 'loopback', version, platform: process.platform }),
  };
  const server = await startLoopbackServer({
    port,
    token: randomBytes(32).toString('base64url'),
    pages: path.join(root, 'dist/renderer'),
    onSocket: (socket) => joinPort(socket, (onFrame, onEnd) => core.attach(onFrame, onEnd), features),
  });
  const stop = async (): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    await server.close();
    await core.stop();
    process.exit(0);
  };
  process.on('SIGINT', () => void stop());
  process.on('SIGTERM', () => void stop());
  process.on('disconnect', () => void stop());
  process.stdout.write(`Liendesk console: ${server.url}\n`);
}

run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof AppError ? error.message : String((error as Error).stack ?? error)}\n`);
  process.exit(1);
});
