import { AppError } from '../../shared/errors.ts';
import { readRelayFile } from '../../src-relay/data-folder.ts';
import { Program } from '../processes/program.ts';
import type { RelayAccess } from './call-relay.ts';
import { sendRequest } from './send-request.ts';

const PROBE_TIMEOUT_MS = 3000;
/** Where a relay listens unless told otherwise; links point there until one has run. */
const USUAL_URL = 'http://127.0.0.1:4600';

export interface WhichRelay {
  dataDir: string;
  /** A relay elsewhere; null for the one on the data folder. */
  url: string | null;
  token: string | null;
  /** For links that are made while no relay runs. */
  publicUrl: string | null;
  /** For a relay that is started. */
  env: NodeJS.ProcessEnv;
}

/**
 * The relay to ask: the one that is named, the one that runs on the data folder, or one that is started on it.
 * @returns also how to let go of it
 */
export async function reachRelay(which: WhichRelay): Promise<RelayAccess & { release(): Promise<void> }> {
  const { dataDir, url, token } = which;
  if (url !== null) {
    if (token === null) throw new AppError('unauthenticated', '--relay needs --token, the admin token of that relay.');
    return { url: url.replace(/\/+$/, ''), token, certificate: null, release: async () => {} };
  }
  const known = readRelayFile(dataDir);
  if (known?.url != null && (await isAlive(known.url, known.certificate))) {
    const { url: knownUrl, adminToken, certificate } = known;
    return { url: knownUrl, token: token ?? adminToken, certificate, release: async () => {} };
  }
  return startRelay(which, known?.publicUrl ?? USUAL_URL);
}

async function isAlive(url: string, certificate: string | null): Promise<boolean> {
  try {
    const { status } = await sendRequest({ url: `${url}/healthz`, certificate, timeoutMs: PROBE_TIMEOUT_MS });
    return status === 200;
  } catch {
    return false;
  }
}

async function startRelay(
  { dataDir, publicUrl, env }: WhichRelay,
  formerPublicUrl: string,
): Promise<RelayAccess & { release(): Promise<void> }> {
  const program = await Program.start({
    entry: 'src-relay/main.ts',
    args: [
      ...['--host', '127.0.0.1', '--port', '0', '--log-level', 'error'],
      ...['--data-dir', dataDir, '--public-url', publicUrl ?? formerPublicUrl],
    ],
    ready: /^Liendesk relay: \S+$/u,
    // Not this machine's settings of the real one: it would fight over its port or ask for its certificates.
    env: { ...env, LIENDESK_PORT: '', LIENDESK_HOST: '', LIENDESK_TLS_CERT: '', LIENDESK_TLS_KEY: '' },
  }).catch((cause: unknown) => {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('storage', message.replace(/^Liendesk relay: /, ''), { cause });
  });
  const started = readRelayFile(dataDir);
  if (started?.url == null) {
    await program.stop();
    throw new AppError('internal', `The relay started on ${dataDir}, but does not say where it is.`);
  }
  return { url: started.url, token: started.adminToken, certificate: null, release: () => program.stop() };
}
