import type { z } from 'zod';

/**
 * One thing an administrator can do: an endpoint of the relay and a verb of the CLI. The same schemas check the
 * request, make the OpenAPI document, and tell the CLI its flags and its help.
 */
export interface AdminRoute {
  noun: string;
  verb: string;
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/api/v1`; `:name` is a field of `params`. */
  path: string;
  /** One sentence for `--help` and OpenAPI. */
  does: string;
  params: z.ZodObject;
  query: z.ZodObject;
  body: z.ZodObject;
  answer: z.ZodType;
}

export const ADMIN_API_PREFIX = '/api/v1';
