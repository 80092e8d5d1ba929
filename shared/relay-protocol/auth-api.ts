import { z } from 'zod';

/** Shortest password that is taken; there are no rules on its characters. */
export const MIN_PASSWORD_LENGTH = 10;

const passwordSchema = z.string().min(MIN_PASSWORD_LENGTH).max(1000);
const oneTimeTokenSchema = z.string().min(20).max(200);

/** `POST /api/v1/auth/sign-in`. */
export const signInRequestSchema = z.object({
  email: z.string().min(1).max(254),
  password: z.string().min(1).max(1000),
  /** UUID of this installation; signing in again on it ends its former session. */
  deviceId: z.uuid(),
  /** What the agent sees in the list of sessions. */
  deviceName: z.string().max(120),
});
export type SignInRequest = z.infer<typeof signInRequestSchema>;

/** `POST /api/v1/auth/refresh`. */
export const refreshRequestSchema = z.object({ refreshToken: z.string().min(1).max(200) });

/**
 * Answer of sign-in and of refresh. Save the new refresh token before using it: the old one stays good until the new
 * one was used once, so that a process that dies in between is still signed in.
 */
export const signedInSchema = z.object({
  /** Bearer token for HTTP and for the `/agent` namespace. */
  accessToken: z.string(),
  /** Epoch ms by the relay's clock. */
  accessExpiresAt: z.number(),
  refreshToken: z.string(),
  agentId: z.string(),
  sessionId: z.string(),
});
export type SignedIn = z.infer<typeof signedInSchema>;

/** `POST /api/v1/auth/accept-invitation` and `POST /api/v1/auth/reset-password`; the answer is `{ email }`. */
export const oneTimePasswordRequestSchema = z.object({ token: oneTimeTokenSchema, password: passwordSchema });

/** Of `GET /api/v1/auth/sessions`, whose answer is `{ sessions }`. */
export const sessionSchema = z.object({
  id: z.string(),
  deviceName: z.string(),
  createdAt: z.number(),
  lastSeenAt: z.number(),
  /** Whether it is the one that asks. */
  isCurrent: z.boolean(),
});
export type Session = z.infer<typeof sessionSchema>;
