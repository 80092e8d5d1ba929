import { spawnSync } from 'node:child_process';

const pollMs = 500;

/**
 * Calls `onGone` once when the npm that started us has ended. npm passes a signal on to the shell it put in between,
 * which ends without telling us, and a killed npm passes nothing on; either way we would stay behind.
 * Started without npm, nothing is watched: then a shell that ends is no reason to stop.
 * @returns stops watching
 */
export function watchNpm(onGone) {
  if (process.env.npm_execpath === undefined) return () => {};
  const watched = npmAncestors();
  const timer = setInterval(() => {
    if (process.ppid === watched[0] && watched.every(isAlive)) return;
    clearInterval(timer);
    onGone();
  }, pollMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** Our parent, and its parent too where the parent is only a shell below npm. */
function npmAncestors() {
  const parent = process.ppid;
  if (process.platform === 'win32') return [parent];
  const { above, name } = describe(parent);
  const isShell = /^-?(ba|da|z|k|a)?sh$/.test(name);
  return isShell && /^(npm|node)/.test(describe(above).name) ? [parent, above] : [parent];
}

function describe(pid) {
  const { stdout } = spawnSync('ps', ['-o', 'ppid=,comm=', '-p', String(pid)], { encoding: 'utf8' });
  const [, above = '0', name = ''] = /^\s*(\d+)\s+(.*?)\s*$/.exec(stdout ?? '') ?? [];
  return { above: Number(above), name: name.replace(/^.*\//, '') };
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
