import { useCallback, useEffect, useMemo, useRef } from 'react';
import { useConsole } from '../../stores/console-context.ts';

/** Said again this often while typing goes on; it expires after 6 s. */
const REPEAT_MS = 3000;

/** Tells others that this agent types; the customer only where it is a reply. */
export function useTypingSignal(
  conversationId: string,
  isNote: boolean,
): { typed: (text: string) => void; stop: () => void } {
  const { core, clock } = useConsole();
  const saidAt = useRef<number | null>(null);
  const stop = useCallback(() => {
    if (saidAt.current === null) return;
    saidAt.current = null;
    core.sendEphemeral('typing', { conversationId, isTyping: false, isNote });
  }, [core, conversationId, isNote]);
  useEffect(() => stop, [stop]);
  return useMemo(
    () => ({
      typed(text: string) {
        if (text.trim() === '') return stop();
        const now = clock.monotonic();
        if (saidAt.current !== null && now - saidAt.current < REPEAT_MS) return;
        saidAt.current = now;
        core.sendEphemeral('typing', { conversationId, isTyping: true, isNote });
      },
      stop,
    }),
    [core, clock, conversationId, isNote, stop],
  );
}
