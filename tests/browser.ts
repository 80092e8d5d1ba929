import { execFile, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

export interface FoundBrowser {
  executablePath: string;
  /** Where it came from, for the log of a test run. */
  origin: string;
  /** What the browser needs in its environment on top of ours. */
  env: Record<string, string>;
}

const projectRoot = path.resolve(import.meta.dirname, '..');

/**
 * Arguments for every browser a test starts. They keep it quiet on the network and nothing more: web security and
 * site isolation stay on, or tests of origins, CORS and sandboxed frames would prove nothing.
 */
export const browserArguments: readonly string[] = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Chromium refuses to run its sandbox as root; nobody else goes without. */
export const hasBrowserSandbox = !(process.platform === 'linux' && process.getuid?.() === 0);

/**
 * Finds a Chromium: the one named by LIENDESK_CHROMIUM, the machine's own, Playwright's own, else the one that came
 * through npm (Linux x64), unpacked once into the cache folder.
 * @throws Error that says what to install
 */
export async function findBrowser(): Promise<FoundBrowser> {
  const named = process.env['LIENDESK_CHROMIUM'];
  if (named !== undefined) {
    if (!fs.existsSync(named)) throw new Error(`LIENDESK_CHROMIUM names ${named}, which does not exist`);
    return { executablePath: named, origin: 'LIENDESK_CHROMIUM', env: {} };
  }
  const installed = findInstalledBrowser();
  if (installed !== undefined) return { executablePath: installed, origin: 'installed', env: {} };
  const { chromium } = await import('@playwright/test');
  const playwrightsOwn = chromium.executablePath();
  if (fs.existsSync(playwrightsOwn)) return { executablePath: playwrightsOwn, origin: 'playwright', env: {} };
  if (process.platform === 'linux' && process.arch === 'x64') return await unpackBrowserFromNpm();
  throw new Error('no browser for the tests: install Chrome, Chromium or Edge, or set LIENDESK_CHROMIUM to one');
}

function findInstalledBrowser(): string | undefined {
  return placesOfBrowsers().find((place) => fs.existsSync(place));
}

function placesOfBrowsers(): string[] {
  if (process.platform === 'darwin') {
    return ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
      (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
    );
  }
  if (process.platform === 'win32') {
    const roots = ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'].map((name) => process.env[name] ?? '');
    const programs = [
      ['Google', 'Chrome', 'Application', 'chrome.exe'],
      ['Chromium', 'Application', 'chrome.exe'],
      ['Microsoft', 'Edge', 'Application', 'msedge.exe'],
    ];
    return programs.flatMap((parts) => roots.filter(Boolean).map((root) => path.join(root, ...parts)));
  }
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter(Boolean);
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name)));
}

/**
 * The package unpacks into the folder for temporary files under fixed names, and takes a half-written file there for
 * a finished one. So it is given a folder of its own, which gets its final name only when it is whole.
 */
async function unpackBrowserFromNpm(): Promise<FoundBrowser> {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const packageFolder = path.resolve(path.dirname(entry), '..');
  const { version } = JSON.parse(fs.readFileSync(path.join(packageFolder, 'package.json'), 'utf8')) as {
    version: string;
  };
  const folder = path.join(projectRoot, '.cache', 'browser', version);
  if (!fs.existsSync(folder)) await unpackInto(folder, entry, packageFolder);
  const executablePath = path.join(folder, 'chromium');
  return { executablePath, origin: `@sparticuz/chromium ${version}`, env: libraryEnvironment(executablePath, folder) };
}

async function unpackInto(folder: string, entry: string, packageFolder: string): Promise<void> {
  const staging = `${folder}.${process.pid}`;
  fs.mkdirSync(staging, { recursive: true });
  const script = `
    import chromium, { inflate } from ${JSON.stringify(pathToFileURL(entry).href)};
    await chromium.executablePath();
    await inflate(${JSON.stringify(path.join(packageFolder, 'bin', 'al2023.tar.br'))});`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, TMPDIR: staging },
  });
  try {
    fs.renameSync(staging, folder);
  } catch (error) {
    if (!fs.existsSync(folder)) throw error;
    fs.rmSync(staging, { recursive: true, force: true });
  }
}

/** The machine's own libraries come first; those of the package only fill in what is missing (libnss3, mostly). */
function libraryEnvironment(executablePath: string, folder: string): Record<string, string> {
  const listing = spawnSync('ldd', [executablePath], { encoding: 'utf8' });
  const isLacking = listing.status !== 0 || listing.stdout.includes('not found');
  return {
    ...(isLacking ? { LD_LIBRARY_PATH: path.join(folder, 'al2023', 'lib') } : {}),
    ...(fs.existsSync('/etc/fonts/fonts.conf') ? {} : { FONTCONFIG_PATH: path.join(folder, 'fonts') }),
  };
}
