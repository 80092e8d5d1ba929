import fs from 'node:fs';
import path from 'node:path';
import { LaunchError } from './launch-error.mjs';
import { inProject } from './project-root.mjs';
import { runNode } from './run-node.mjs';
import { ensureBuilds } from './web-builds.mjs';

const builderScript = inProject('node_modules', 'electron-builder', 'cli.js');
const appFolder = inProject('dist', 'app');

/** `npm run package [-- electron-builder arguments]`: bundles, gathers dist/app, packs it into out/. */
export async function run(builderArguments) {
  // Chunks of an earlier build would be packed too.
  for (const folder of ['core', 'electron']) fs.rmSync(inProject('dist', folder), { recursive: true, force: true });
  await ensureBuilds(['renderer', 'widget', 'core', 'electron']);
  for (const made of ['renderer/index.html', 'core/core.js', 'electron/main.js', 'electron/preload.cjs']) {
    if (fs.existsSync(inProject('dist', made))) continue;
    throw new LaunchError(`package is not built yet (nothing makes dist/${made})`);
  }
  gatherApp();
  const options = ['--projectDir', inProject(), '--config', inProject('electron-builder.yml')];
  return runNode(builderScript, [...options, ...builderArguments]);
}

function gatherApp() {
  fs.rmSync(appFolder, { recursive: true, force: true });
  for (const part of ['core', 'electron', 'renderer', 'widget']) {
    const from = inProject('dist', part);
    const isWanted = (file) => !file.endsWith('.map');
    if (fs.existsSync(from)) fs.cpSync(from, path.join(appFolder, 'dist', part), { recursive: true, filter: isWanted });
  }
  if (fs.existsSync(inProject('assets')))
    fs.cpSync(inProject('assets'), path.join(appFolder, 'assets'), { recursive: true });
  gatherDatabase();
  const { name, version, description, author, license, main, dependencies } = readJson(inProject('package.json'));
  const manifest = {
    ...{ name, version, description, author, license, main, type: 'module' },
    dependencies: { 'better-sqlite3': dependencies['better-sqlite3'] },
  };
  fs.writeFileSync(path.join(appFolder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** The package itself without the C sources, which are nine tenths of it, and without its build-time dependencies. */
function gatherDatabase() {
  const from = inProject('node_modules', 'better-sqlite3');
  const to = path.join(appFolder, 'node_modules', 'better-sqlite3');
  fs.mkdirSync(to, { recursive: true });
  for (const part of ['LICENSE', 'lib', 'prebuilds'])
    fs.cpSync(path.join(from, part), path.join(to, part), { recursive: true });
  const { name, version, license, main, exports } = readJson(path.join(from, 'package.json'));
  fs.writeFileSync(
    path.join(to, 'package.json'),
    `${JSON.stringify({ name, version, license, main, exports }, null, 2)}\n`,
  );
}

function readJson(file) {
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}
