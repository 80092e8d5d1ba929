import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { inProject } from './project-root.mjs';
import { LaunchError, say } from './launch-error.mjs';
import { withFolderLock } from './folder-lock.mjs';
import { runNode } from './run-node.mjs';

const viteScript = inProject('node_modules', 'vite', 'bin', 'vite.js');

/**
 * What Vite builds. `needs` must exist for the build to make sense, `makes` tells that it was done, `reads` is all
 * that its result depends on besides the configuration and the lock file.
 */
const builds = {
  renderer: [
    {
      config: 'src-renderer/vite.config.ts',
      needs: ['src-renderer/index.html'],
      makes: 'dist/renderer/index.html',
      reads: ['src-renderer', 'shared', 'assets'],
    },
  ],
  widget: [
    {
      config: 'src-widget/vite.loader.config.ts',
      needs: ['src-widget/loader/loader.ts'],
      makes: 'dist/widget/widget.js',
      reads: ['src-widget', 'shared'],
    },
    {
      config: 'src-widget/vite.frame.config.ts',
      needs: ['src-widget/frame/index.html'],
      makes: 'dist/widget/frame/index.html',
      reads: ['src-widget', 'shared'],
    },
  ],
  core: [
    processBuild('core', ['src-main/core/main.ts', 'src-main/core/worker/main.ts'], 'dist/core/core.js', [
      'src-main/core',
      'shared',
    ]),
  ],
  electron: [
    processBuild('electron', ['src-main/host-electron/main.ts'], 'dist/electron/main.js', ['src-main', 'shared']),
    processBuild('preload', ['src-main/host-electron/preload.ts'], 'dist/electron/preload.cjs', ['src-main', 'shared']),
  ],
};

export const buildNames = Object.keys(builds);

function processBuild(mode, needs, makes, reads) {
  return { config: 'vite.processes.config.ts', mode, needs, makes, reads };
}

/** Builds what is older than its sources; says so in one line and is silent otherwise. */
export async function ensureBuilds(names) {
  for (const name of names) {
    for (const build of builds[name]) {
      const isPossible = build.needs.every((file) => fs.existsSync(inProject(file)));
      if (!isPossible || isCurrent(build)) continue;
      await withFolderLock(`build-${name}`, async () => {
        if (isCurrent(build)) return;
        say(`building ${build.makes}…`);
        const hash = hashOfSources(build);
        const code = await runNode(
          viteScript,
          ['build', '--config', inProject(build.config), '--mode', build.mode ?? 'production', '--logLevel', 'warn'],
          {
            stdout: process.stderr,
            env: { NODE_ENV: 'production' },
          },
        );
        if (code !== 0 || !fs.existsSync(inProject(build.makes))) {
          throw new LaunchError(`the build of ${build.makes} failed; see the messages above`);
        }
        fs.mkdirSync(path.dirname(stampFileOf(build)), { recursive: true });
        fs.writeFileSync(stampFileOf(build), hash);
      });
    }
  }
}

function stampFileOf(build) {
  return inProject('.cache', 'launch', `${build.makes.replaceAll('/', '-')}.stamp`);
}

function isCurrent(build) {
  const stampFile = stampFileOf(build);
  if (!fs.existsSync(inProject(build.makes)) || !fs.existsSync(stampFile)) return false;
  return fs.readFileSync(stampFile, 'utf8') === hashOfSources(build);
}

/** By content, not by time: a branch switched back and forth needs no new build. */
function hashOfSources(build) {
  const hash = createHash('sha256');
  for (const place of [...build.reads, build.config, 'package-lock.json']) addToHash(hash, inProject(place));
  return hash.digest('hex');
}

function addToHash(hash, place) {
  if (!fs.existsSync(place)) return;
  if (fs.statSync(place).isFile()) {
    if (/\.test\.tsx?$/.test(place)) return;
    hash.update(path.relative(inProject(), place).replaceAll('\\', '/'));
    hash.update(fs.readFileSync(place));
    return;
  }
  for (const name of fs.readdirSync(place).sort()) addToHash(hash, path.join(place, name));
}
