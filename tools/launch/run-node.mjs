import { spawn, spawnSync } from 'node:child_process';
import os from 'node:os';
import { pathToFileURL } from 'node:url';
import { inProject, projectRoot } from './project-root.mjs';
import { findBundledNode } from './bundled-node.mjs';
import { watchNpm } from './npm-watch.mjs';

const childLink = pathToFileURL(inProject('tools', 'launch', 'child-link.mjs')).href;
const graceMs = 10_000;
const terminalGraceMs = 1_500;
/**
 * Where Node keeps what it has compiled and stripped of types. Without it every process and thread loads a compiler of
 * its own for that, of WebAssembly: a tenth of a second for each, and V8 may abort when many threads with such code end
 * (`jit_page.has_value()`, nodejs/node#64500).
 */
const compiledFolder = inProject('.cache', 'compiled');

/**
 * Runs a script with the bundled Node and resolves to its exit code. Signals that reach the launcher
 * reach the script; what has not stopped ten seconds later is ended with everything it started.
 */
export function runNode(script, scriptArguments, { env = {}, nodeArguments = [], stdout = 'inherit' } = {}) {
  const child = spawn(findBundledNode(), [`--import=${childLink}`, ...nodeArguments, script, ...scriptArguments], {
    cwd: projectRoot,
    stdio: ['inherit', stdout, 'inherit', 'ipc'],
    env: { NODE_COMPILE_CACHE: compiledFolder, ...process.env, ...env, LIENDESK_LAUNCHER: String(process.pid) },
  });
  return new Promise((resolve, reject) => {
    const stopForwarding = forwardSignals(child);
    child.on('error', (error) => {
      stopForwarding();
      reject(error);
    });
    child.on('exit', (code, signal) => {
      stopForwarding();
      resolve(signal ? 128 + (os.constants.signals[signal] ?? 0) : code);
    });
  });
}

function forwardSignals(child) {
  let isStopping = false;
  let startedStoppingAt = 0;
  const timers = [];
  const ask = (signal) => {
    if (process.platform === 'win32') {
      if (child.connected) child.send({ launcher: 'stop', signal });
    } else child.kill(signal);
  };
  const onSignal = (signal) => {
    if (isStopping) {
      // npm repeats the terminal's Ctrl+C within milliseconds; a person who means it takes longer.
      if (signal === 'SIGINT' && Date.now() - startedStoppingAt > 1_000) endTree(child.pid);
      return;
    }
    isStopping = true;
    startedStoppingAt = Date.now();
    // Ctrl+C in a terminal reaches the whole process group without our help.
    const comesFromTerminal = signal === 'SIGINT' && process.stdin.isTTY;
    if (comesFromTerminal) timers.push(setTimeout(ask, terminalGraceMs, 'SIGTERM'));
    else ask(signal);
    timers.push(setTimeout(endTree, graceMs, child.pid));
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, onSignal);
  const stopWatching = watchNpm(() => onSignal('SIGTERM'));
  return () => {
    stopWatching();
    for (const signal of signals) process.removeListener(signal, onSignal);
    for (const timer of timers) clearTimeout(timer);
  };
}

/** Ends a process and all that descends from it, without asking. */
function endTree(pid) {
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore' });
    return;
  }
  const listing = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).stdout ?? '';
  const rows = listing.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const doomed = [pid];
  for (const parent of doomed) doomed.push(...rows.filter((row) => row[1] === parent).map((row) => row[0]));
  for (const one of doomed.reverse()) {
    try {
      process.kill(one, 'SIGKILL');
    } catch {
      // It ended by itself in the meantime.
    }
  }
}
