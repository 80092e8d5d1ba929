import { useRef } from 'react';

/**
 * Handlers for a dialog that is opened by a key or from elsewhere, without a trigger of its own: when it closes, the
 * focus goes back to where it was, unless what was done there took it.
 */
export function useReturnFocus(): { remember: () => void; onCloseAutoFocus: (event: Event) => void } {
  const before = useRef<Element | null>(null);
  return {
    /** For `onOpenAutoFocus`, which is called before the focus moves. */
    remember: () => {
      before.current = document.activeElement;
    },
    onCloseAutoFocus: (event) => {
      // The dialog's own way is the trigger, which is not there: the focus would be nowhere.
      event.preventDefault();
      const isTaken = document.activeElement !== null && document.activeElement !== document.body;
      if (!isTaken && before.current instanceof HTMLElement) before.current.focus({ preventScroll: true });
    },
  };
}
