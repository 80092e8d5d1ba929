import { parseArgs } from 'node:util';
import { userDataFolder } from './user-data-folder.ts';
import path from 'node:path';

export const HELP = `npm start -- [options]

Runs a relay with a demo workspace, customers who write to it, and a console.

  --loopback       console in the browser, whatever Electron says
  --electron       console in Electron, or an error when its binary is not here
  --no-open        print the address only
  --port N         port of the console in the browser (default 4680; 0 for any)
  --relay URL      use a running relay; no demo
  --data-dir DIR   where everything is kept (LIENDESK_DATA_DIR; default: the platform's user-data folder)
  --empty          no demo: an empty workspace and one administrator, whose password is printed
  --reset          begin anew: deletes what an earlier start left in the data folder
`;

export interface StartOptions {
  host: 'loopback' | 'electron' | 'either';
  isOpened: boolean;
  consolePort: number;
  relayUrl: string | null;
  dataDir: string;
  isEmpty: boolean;
  isReset: boolean;
}

/** @throws Error in words for a user */
export function readStartOptions(
  args: string[],
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): StartOptions | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      loopback: { type: 'boolean' },
      electron: { type: 'boolean' },
      'no-open': { type: 'boolean' },
      port: { type: 'string' },
      relay: { type: 'string' },
      'data-dir': { type: 'string' },
      empty: { type: 'boolean' },
      reset: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return 'help';
  if (values.loopback === true && values.electron === true) {
    throw new Error('Choose --loopback or --electron, not both.');
  }
  const port = Number(values.port ?? env['LIENDESK_PORT'] ?? 4680);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`--port takes a number from 0 to 65535, not "${String(values.port)}".`);
  }
  if (values.relay !== undefined && !/^https?:\/\//u.test(values.relay)) {
    throw new Error(`--relay takes an address such as http://127.0.0.1:4600, not "${values.relay}".`);
  }
  return {
    host: values.loopback === true ? 'loopback' : values.electron === true ? 'electron' : 'either',
    isOpened: values['no-open'] !== true,
    consolePort: port,
    relayUrl: values.relay ?? null,
    dataDir: path.resolve(values['data-dir'] ?? env['LIENDESK_DATA_DIR'] ?? userDataFolder(platform, env)),
    isEmpty: values.empty === true,
    isReset: values.reset === true,
  };
}
