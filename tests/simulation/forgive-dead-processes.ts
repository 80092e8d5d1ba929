import { ProcessDied } from './stores/memory-disk.ts';
import { CrashedError } from './stores/memory-log-disk.ts';

/** Whether this is what a process that died gets when it turns to its disk. */
export function isOfDeadProcess(error: unknown): boolean {
  return error instanceof ProcessDied || error instanceof CrashedError;
}

/**
 * What a process was at when it died goes on in the simulator, and fails at its disk: nobody hears of that. Every other
 * rejection that nobody handles is told as before.
 * @returns its own end
 */
export function forgiveDeadProcesses(): () => Promise<void> {
  const others = process.listeners('unhandledRejection');
  const hear = (reason: unknown, promise: Promise<unknown>): void => {
    if (isOfDeadProcess(reason)) return;
    if (others.length === 0) throw reason;
    for (const other of others) other(reason, promise);
  };
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', hear);
  return async () => {
    // Node tells of rejections when a thread has nothing else to do, and a simulation never lets it.
    await new Promise((resolve) => setImmediate(resolve));
    process.removeListener('unhandledRejection', hear);
    for (const other of others) process.on('unhandledRejection', other);
  };
}
