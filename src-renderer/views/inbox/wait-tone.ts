export type WaitTone = 'calm' | 'warning' | 'breach';

const MINUTE_MS = 60_000;
/** From when waiting is worrying, and from when too long; as customers of each kind of channel see it. */
const LIMITS_MS: Record<string, { warning: number; breach: number }> = {
  'web-chat': { warning: 2 * MINUTE_MS, breach: 10 * MINUTE_MS },
  email: { warning: 4 * 60 * MINUTE_MS, breach: 24 * 60 * MINUTE_MS },
};
const OTHER_LIMITS = { warning: 15 * MINUTE_MS, breach: 30 * MINUTE_MS };

/** How urgent it is that a customer on a channel has waited for so long. */
export function waitToneOf(channelKind: string, waitedMs: number): WaitTone {
  const { warning, breach } = LIMITS_MS[channelKind] ?? OTHER_LIMITS;
  if (waitedMs >= breach) return 'breach';
  return waitedMs >= warning ? 'warning' : 'calm';
}
