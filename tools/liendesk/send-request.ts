import { X509Certificate } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { type RequestOptions, request as httpsRequest } from 'node:https';

interface RequestToRelay {
  url: string;
  method?: string;
  headers?: Record<string, string>;
  /** JSON. */
  body?: string;
  /** PEM that the relay must show; null: any that the machine trusts. */
  certificate: string | null;
  timeoutMs?: number;
}

/** Sends one request. @throws Error when nothing answers, or not the relay that was meant */
export function sendRequest(options: RequestToRelay): Promise<{ status: number; text: string }> {
  const { url, method = 'GET', headers = {}, body, certificate, timeoutMs = 0 } = options;
  const isEncrypted = url.startsWith('https:');
  const start = isEncrypted ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = start(url, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      agent: false,
      timeout: timeoutMs,
      ...(isEncrypted && certificate !== null ? trustOnly(certificate) : {}),
    });
    request.on('timeout', () => request.destroy(new Error('it does not answer in time')));
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    request.end(body);
  });
}

/**
 * On the relay's own machine its certificate is known from `relay.json`. It carries the public name, so instead of the
 * name the whole certificate is compared.
 */
function trustOnly(chain: string): RequestOptions {
  const { raw } = new X509Certificate(chain);
  return {
    ca: chain,
    checkServerIdentity: (_name, shown) =>
      raw.equals(shown.raw) ? undefined : new Error('it shows another certificate than relay.json names'),
    // The chain may end below a root.
    allowPartialTrustChain: true,
  };
}
