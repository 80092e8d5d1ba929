import { findFreePort } from '../../tools/start/free-port.ts';

/** Below the ports that systems give to whoever asks for any. */
const FIRST = 20_000;
const RUNS = 10;
const WORKERS = 10;
const PER_WORKER = 100;
let given = 0;

/**
 * A port of 127.0.0.1 for a program that is stopped and comes back where it was. Nobody else has it meanwhile: the
 * system gives it to nobody who asks for any port, be it for a connection, and the other workers of this run look
 * elsewhere; so do nine of ten other runs on this machine.
 * @throws Error when all of this worker's ports are in use
 */
export async function findTestPort(): Promise<number> {
  const worker = Number(process.env['VITEST_POOL_ID'] ?? process.env['TEST_PARALLEL_INDEX'] ?? 0);
  const start = FIRST + ((process.ppid % RUNS) * WORKERS + (worker % WORKERS)) * PER_WORKER;
  for (let tried = 0; tried < PER_WORKER; tried += 1) {
    const wanted = start + (given % PER_WORKER);
    given += 1;
    if ((await findFreePort(wanted)) === wanted) return wanted;
  }
  throw new Error(`The ports from ${start} to ${start + PER_WORKER - 1} are all in use.`);
}
