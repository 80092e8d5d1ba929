import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { AppError } from '../../shared/errors.ts';
import { createAgentCore } from '../core/agent-core.ts';
import { readOrMakeLocalKeys } from '../core/local-keys.ts';
import { createSystemClock, createSystemRandom } from '../core/system-clock.ts';
import { openLinePort } from './port.ts';

const HELP = `npm run console:headless -- --relay URL --email E --password-file F --data-dir DIR

A console without a window: one JSON object a line on stdin, answers and pushes on stdout (docs/core-api.md).
Signs in by itself when nobody is signed in. Ends when stdin ends.
`;

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      relay: { type: 'string' },
      email: { type: 'string' },
      'password-file': { type: 'string' },
      'data-dir': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return;
  }
  const dataDir = values['data-dir'] ?? process.env['LIENDESK_CONSOLE_DIR'];
  if (dataDir === undefined) throw new AppError('invalid', 'Say where the console keeps its files: --data-dir DIR.');
  const { relay, email } = values;
  const passwordFile = values['password-file'];
  const signIn =
    relay !== undefined && email !== undefined && passwordFile !== undefined
      ? { signIn: { relayUrl: relay, email, password: readFileSync(passwordFile, 'utf8').trim() } }
      : {};
  const core = await createAgentCore({
    dataDir,
    keys: readOrMakeLocalKeys(dataDir),
    clock: createSystemClock(),
    random: createSystemRandom(),
    logger: pino({ level: process.env['LIENDESK_LOG'] ?? 'info', name: 'console' }, pino.destination(2)),
    ...signIn,
  });
  let isStopping = false;
  const stop = async (): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    await core.close();
    process.exit(0);
  };
  const port = openLinePort(process.stdin, process.stdout);
  port.onClose(() => void stop());
  process.stdout.on('error', () => void stop());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop());
  core.attach(port);
}

run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof AppError ? error.message : String((error as Error).stack)}\n`);
  process.exit(1);
});
