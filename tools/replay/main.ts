import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../processes/program.ts';
import { readCorpus } from './corpus.ts';
import { runReplay } from './run-replay.ts';

const HELP = `npm run replay -- [options]

Plays recorded customers through the web chat and lets headless consoles answer with the recorded agents' words.

  --corpus PATH          our own format (a file or folder of JSON), STAR dialogues or tweets (a folder);
                         default: the bundled conversations
  --conversations N      at most so many (default 50)
  --speed N              times faster than recorded (default 20)
  --agents N             headless consoles (default 4)
  --relay URL            a running relay; left out: one of its own, stopped at the end
  --admin-token T        with --relay: makes the agents (or --relay-dir DIR, the relay's data folder)
  --channel ID           with --relay: the web-chat channel to write through; left out: one of its own
  --kill-relay-after S   own relay only: ends it without warning after S seconds and starts it again (repeatable: 3,9)
  --kill-console-after S ends a console without warning after S seconds and starts it again (repeatable: 5,7)
`;

function readOptions(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      corpus: { type: 'string' },
      conversations: { type: 'string', default: '50' },
      speed: { type: 'string', default: '20' },
      agents: { type: 'string', default: '4' },
      relay: { type: 'string' },
      'relay-dir': { type: 'string' },
      'admin-token': { type: 'string' },
      channel: { type: 'string' },
      'kill-relay-after': { type: 'string', default: '' },
      'kill-console-after': { type: 'string', default: '' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  return values;
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} takes a number above 0, not "${text}".`);
  return value;
}

function moments(name: string, text: string): number[] {
  return text === '' ? [] : text.split(',').map((one) => positive(name, one) * 1000);
}

async function main(): Promise<number> {
  const values = readOptions(process.argv.slice(2));
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const conversations = readCorpus(path.resolve(values.corpus ?? path.join(projectRoot, 'assets/replay')));
  const folder = mkdtempSync(path.join(tmpdir(), 'liendesk-replay-'));
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
  try {
    const isWhole = await runReplay({
      conversations: conversations.slice(0, positive('conversations', values.conversations)),
      speed: positive('speed', values.speed),
      agents: positive('agents', values.agents),
      relay:
        values.relay === undefined
          ? null
          : { url: values.relay, dataDir: values['relay-dir'], token: values['admin-token'] },
      channelId: values.channel ?? null,
      killRelayAfterMs: moments('kill-relay-after', values['kill-relay-after']),
      killConsoleAfterMs: moments('kill-console-after', values['kill-console-after']),
      folder,
      env: process.env,
      signal: stop.signal,
      say: (line) => process.stdout.write(`${line}\n`),
    });
    return isWhole ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  },
);
