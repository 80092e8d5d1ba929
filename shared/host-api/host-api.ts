import { z } from 'zod';

/** What only a host can do for a window. One generic door in preload, one HTTP-free message type in the loopback host. */
export const hostRequests = {
  'host.describe': {
    input: z.object({}),
    output: z.object({ kind: z.enum(['electron', 'loopback']), version: z.string(), platform: z.string() }),
  },
  /** A notification of the operating system. Clicking it focuses the window and pushes `openConversation`. */
  'host.notify': {
    input: z.object({
      title: z.string().max(200),
      body: z.string().max(500),
      conversationId: z.string().nullable(),
    }),
    output: z.object({ isShown: z.boolean() }),
  },
  /** The number on the application's icon; 0 removes it. */
  'host.setBadge': { input: z.object({ count: z.number().int().min(0) }), output: z.object({}) },
  /** Opens an http(s) address in the user's browser. */
  'host.openExternal': { input: z.object({ url: z.url().max(2000) }), output: z.object({}) },
  /** Saves bytes where the user chooses. */
  'host.saveFile': {
    input: z.object({ name: z.string().max(200), content: z.string() }),
    output: z.object({ isSaved: z.boolean() }),
  },
} as const;

export type HostRequests = typeof hostRequests;
export type HostRequestName = keyof HostRequests;
export type HostInput<Name extends HostRequestName> = z.input<HostRequests[Name]['input']>;
export type HostOutput<Name extends HostRequestName> = z.output<HostRequests[Name]['output']>;

/** What a host tells its windows. */
export const hostPushes = {
  openConversation: z.object({ conversationId: z.string() }),
} as const;
export type HostPushes = { [Name in keyof typeof hostPushes]: z.infer<(typeof hostPushes)[Name]> };
