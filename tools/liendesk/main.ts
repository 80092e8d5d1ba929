import path from 'node:path';
import { userDataFolder } from '../start/user-data-folder.ts';
import { runCommandLine } from './command-line.ts';

process.exitCode = await runCommandLine({
  args: process.argv.slice(2),
  env: process.env,
  // npm runs scripts in the project; what was typed begins where it was typed.
  workingFolder: process.env['INIT_CWD'] ?? process.cwd(),
  defaultDataDir: path.join(userDataFolder(process.platform, process.env), 'relay'),
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
});
