import { useRef } from 'react';

/** On a field that is there only while it is to be typed into: it has the focus when a dialog that led there closes. */
export const TAKES_FOCUS = 'data-takes-focus';

/** What the focus goes back to from a dialog that came in the place of another one: what that one would have given it to. */
const takenOver = new WeakMap<Element, Element>();

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
      const { activeElement } = document;
      const own = event.target instanceof Element ? takenOver.get(event.target) : undefined;
      const origin = own ?? before.current;
      const isTaken = activeElement !== null && activeElement !== document.body;
      // A field that was opened there could not take it while the dialog held it.
      const goal = document.querySelector(`[${TAKES_FOCUS}]`) ?? origin;
      if (!isTaken && goal instanceof HTMLElement) goal.focus({ preventScroll: true });
      const next = activeElement?.closest('[role="dialog"]');
      if (next && origin !== null) takenOver.set(next, origin);
    },
  };
}
