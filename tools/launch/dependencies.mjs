import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { inProject, projectRoot } from './project-root.mjs';
import { LaunchError, say } from './launch-error.mjs';
import { withFolderLock } from './folder-lock.mjs';

const lockFile = inProject('package-lock.json');
const modulesFolder = inProject('node_modules');
// Inside node_modules, so that deleting the folder also forgets the stamp.
const stampFile = path.join(modulesFolder, '.liendesk-install');
const installedListFile = path.join(modulesFolder, '.package-lock.json');

/** Installs what package-lock.json asks for, unless it is there already. Quiet when it is. */
export async function ensureDependencies() {
  if (isStampCurrent()) return;
  await withFolderLock('install', async () => {
    if (isStampCurrent()) return;
    if (!isInstalled()) {
      const isFirst = !fs.existsSync(modulesFolder);
      say(
        isFirst
          ? 'installing dependencies (once, about half a minute)…'
          : 'package-lock.json changed: updating dependencies…',
      );
      // `npm ci` deletes node_modules first; programs that run from it (another console, on Windows
      // this very Node) would break, so a present folder is updated in place when that is enough.
      if (!isFirst) await runNpm(['install', '--no-save']);
      if (isFirst || !isInstalled()) await runNpm(['ci']);
    }
    fs.writeFileSync(stampFile, stampOfLockFile());
  });
}

function stampOfLockFile() {
  if (!fs.existsSync(lockFile)) throw new LaunchError('package-lock.json is missing from this checkout');
  const hash = createHash('sha256').update(fs.readFileSync(lockFile)).digest('hex');
  return `${process.platform}-${process.arch} ${hash}\n`;
}

function isStampCurrent() {
  return fs.existsSync(stampFile) && fs.readFileSync(stampFile, 'utf8') === stampOfLockFile();
}

/** Compares the lock file with the list npm itself keeps of what it installed. */
function isInstalled() {
  if (!fs.existsSync(installedListFile)) return false;
  const wanted = JSON.parse(fs.readFileSync(lockFile, 'utf8')).packages;
  const installed = JSON.parse(fs.readFileSync(installedListFile, 'utf8')).packages;
  const isSame = (place) => installed[place]?.version === wanted[place]?.version;
  const isRequired = (place) => place !== '' && !wanted[place].optional && !wanted[place].devOptional;
  return (
    Object.keys(installed).every((place) => isSame(place) && fs.existsSync(inProject(place))) &&
    Object.keys(wanted).filter(isRequired).every(isSame)
  );
}

function runNpm(npmArguments) {
  const everyArgument = [...npmArguments, '--no-audit', '--no-fund', '--loglevel=error'];
  const [command, commandArguments, needsShell] = npmCommand(everyArgument);
  return new Promise((resolve, reject) => {
    const child = spawn(command, commandArguments, {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
      shell: needsShell,
    });
    // What npm has to say is progress, not the output of the command that was asked for.
    child.stdout.pipe(process.stderr, { end: false });
    child.on('error', () => reject(new LaunchError('npm was not found; dependencies cannot be installed')));
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new LaunchError(`npm ${npmArguments[0]} failed (exit code ${code}); see its message above`));
    });
  });
}

function npmCommand(npmArguments) {
  const npmScript = process.env.npm_execpath;
  if (npmScript && path.basename(npmScript) === 'npm-cli.js') {
    // npm's own Node, not ours: ours may be the one in node_modules, which is being replaced.
    return [process.env.npm_node_execpath ?? process.execPath, [npmScript, ...npmArguments], false];
  }
  const isWindows = process.platform === 'win32';
  return [isWindows ? 'npm.cmd' : 'npm', npmArguments, isWindows];
}
