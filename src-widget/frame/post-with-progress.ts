import type { FetchLike } from '../client/api-calls.ts';

/** `fetch` for a form whose way up can be watched. @param onProgress gets a fraction from 0 to 1 */
export function postWithProgress(onProgress: (fraction: number) => void): FetchLike {
  return async (url, init) =>
    await new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open(init.method ?? 'POST', url);
      for (const [name, value] of Object.entries(init.headers as Record<string, string>)) {
        request.setRequestHeader(name, value);
      }
      request.upload.addEventListener('progress', (event) => {
        if (event.lengthComputable) onProgress(event.loaded / event.total);
      });
      request.addEventListener('load', () => resolve(new Response(request.responseText, { status: request.status })));
      for (const name of ['error', 'abort', 'timeout']) {
        request.addEventListener(name, () => reject(new TypeError(`upload: ${name}`)));
      }
      init.signal?.addEventListener('abort', () => request.abort());
      request.send(init.body as FormData);
    });
}
