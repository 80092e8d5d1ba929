import { findFreePort } from '../../tools/start/free-port.ts';

const FIRST = 20_000;
const PER_PROCESS = 100;
/** Below the ports that systems give to whoever asks for any. */
const END = 30_000;
let given = 0;

/**
 * A port of 127.0.0.1 for a program that is stopped and comes back where it was. Nobody else has it meanwhile: the
 * system gives it to nobody who asks for any port, be it for a connection, and other test processes look elsewhere.
 */
export async function findTestPort(): Promise<number> {
  for (;;) {
    const start = FIRST + ((process.pid * PER_PROCESS) % (END - FIRST));
    const wanted = start + (given % PER_PROCESS);
    given += 1;
    if ((await findFreePort(wanted)) === wanted) return wanted;
  }
}
