import { type RefObject, useLayoutEffect, useRef } from 'react';

/**
 * For a field or a question that stands in the place of the button that opened it: the button is gone meanwhile, and a
 * new one comes when it closes. That one has the focus if `giveBack` was called before the close, or it would be
 * nowhere. (Dialogs, which leave the page behind them as it is: use-return-focus.ts.)
 */
export function useInPlaceOpener(isOpen: boolean): {
  opener: RefObject<HTMLButtonElement | null>;
  giveBack: () => void;
} {
  const opener = useRef<HTMLButtonElement>(null);
  const isReturning = useRef(false);
  useLayoutEffect(() => {
    if (!isOpen && isReturning.current) opener.current?.focus();
    isReturning.current = false;
  }, [isOpen]);
  return {
    opener,
    giveBack: () => {
      isReturning.current = true;
    },
  };
}
