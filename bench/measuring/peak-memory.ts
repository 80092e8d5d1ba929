import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const POLL_MS = 100;

/** Resident memory of a process, in bytes. @throws Error on Windows, where it is not measured */
export function readRss(pid: number): number {
  if (process.platform === 'linux') {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/mu.exec(status)?.[1]) * 1024;
  }
  if (process.platform === 'win32') throw new Error('the memory of another process is not measured on Windows');
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024;
}

/** Watches a process. @returns a function that stops watching and gives the most it was seen to have, in bytes */
export function watchPeakRss(pid: number): () => number {
  let peak = readRss(pid);
  const timer = setInterval(() => {
    peak = Math.max(peak, readRss(pid));
  }, POLL_MS);
  return () => {
    clearInterval(timer);
    return Math.max(peak, readRss(pid));
  };
}
