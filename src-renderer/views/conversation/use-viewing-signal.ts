import { useEffect } from 'react';
import { useConsole } from '../../stores/console-context.ts';

/** Said again this often; it expires after 45 s. */
const REPEAT_MS = 20_000;

/** Tells colleagues that this agent has the conversation on screen, and reads who else has. */
export function useViewingSignal(conversationId: string): void {
  const { core, clock, presence } = useConsole();
  useEffect(() => {
    let cancel: (() => void) | null = null;
    let isGone = false;
    const say = () => {
      const isViewing = document.visibilityState === 'visible';
      core.sendEphemeral('viewing', { conversationId, isViewing });
      cancel?.();
      cancel = isViewing ? clock.after(REPEAT_MS, say) : null;
    };
    say();
    document.addEventListener('visibilitychange', say);
    core.request('presence.list', { conversationId }).then(
      ({ ephemerals }) => {
        if (!isGone) for (const ephemeral of ephemerals) presence.receive(ephemeral);
      },
      () => {},
    );
    return () => {
      isGone = true;
      cancel?.();
      document.removeEventListener('visibilitychange', say);
      core.sendEphemeral('viewing', { conversationId, isViewing: false });
    };
  }, [core, clock, presence, conversationId]);
}
