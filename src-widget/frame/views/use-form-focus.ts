import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useChat } from './chat-context.ts';

/**
 * Who uses no pointer is in a form's first field when it opens. Who has begun a message is at the end of that, or where
 * the form asks for none, before its fields: it may come in the middle of a sentence, whose rest is no name.
 * @returns the form, and what takes its visitor to the field of an id, where something is missing
 */
export function useFormFocus(): { form: RefObject<HTMLFormElement | null>; goTo: (fieldId: string) => void } {
  const { model, state } = useChat();
  const { isOpen } = state;
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (!isOpen || form.current === null) return;
    const hasBegun = model.state.draft !== '';
    const field = form.current.querySelector<HTMLElement>(hasBegun ? 'textarea' : 'input, select') ?? form.current;
    field.focus({ preventScroll: true });
    if (field instanceof HTMLTextAreaElement) field.setSelectionRange(field.value.length, field.value.length);
  }, [isOpen, model]);
  return { form, goTo: (fieldId) => document.getElementById(fieldId)?.focus() };
}
