import { frozenJson } from './stores/frozen-json.ts';

/**
 * What the console reads of an answer, and no stream behind it. @param headers by their names in lower case @param body
 * as JSON would bring it
 */
export function plainResponse(status: number, headers: Record<string, string>, body: unknown): Response {
  const answer: Pick<Response, 'ok' | 'status' | 'json'> & { headers: Pick<Headers, 'get'> } = {
    ok: status >= 200 && status < 300,
    status,
    headers: { get: (name) => headers[name.toLowerCase()] ?? null },
    json: async () => frozenJson(body),
  };
  return answer as Response;
}
