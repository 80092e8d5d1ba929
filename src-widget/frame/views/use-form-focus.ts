import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useChat } from './chat-context.ts';

/**
 * Who uses no pointer is in a form's first field when it opens.
 * @returns the form, and what takes its visitor to the field of an id, where something is missing
 */
export function useFormFocus(): { form: RefObject<HTMLFormElement | null>; goTo: (fieldId: string) => void } {
  const { state } = useChat();
  const { isOpen } = state;
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (isOpen) form.current?.querySelector<HTMLElement>('input, select')?.focus({ preventScroll: true });
  }, [isOpen]);
  return { form, goTo: (fieldId) => document.getElementById(fieldId)?.focus() };
}
