import { createContext, useContext, useEffect, useRef } from 'react';
import type { ShortcutId } from './shortcut-list.ts';
import { isForInputMethod } from './read-keys.ts';
import { type ShortcutAction, ShortcutRegistry } from './shortcut-registry.ts';

export const ShortcutContext = createContext<ShortcutRegistry | null>(null);

export function useShortcuts(): ShortcutRegistry {
  const registry = useContext(ShortcutContext);
  if (registry === null) throw new Error('useShortcuts outside of ShortcutContext');
  return registry;
}

/** While mounted, `action` answers the shortcut; the newest one mounted is asked first. */
export function useShortcut(id: ShortcutId, action: ShortcutAction): void {
  const registry = useShortcuts();
  const latest = useRef(action);
  useEffect(() => {
    latest.current = action;
  });
  useEffect(() => registry.register(id, (keys) => latest.current(keys)), [registry, id]);
}

/** Listens on the whole window. Keys that are not ours go on untouched. */
export function useShortcutListener(registry: ShortcutRegistry): void {
  useEffect(() => {
    let held: Element | null = null;
    const remember = ({ target }: FocusEvent) => {
      held = target instanceof Element ? target : null;
    };
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const target = event.target instanceof Element ? event.target : null;
      // Dialogs and menus have the keyboard to themselves, but for what opens and closes them.
      if (target?.closest('[role="dialog"], [role="menu"], [role="alertdialog"]')) return;
      // Whoever clicked a button of the conversation, or one that went with its toast or tab, and types on is writing: the
      // key goes into the reply, and never closes the conversation because it happens to be an E.
      const isLost = target === document.body && held?.isConnected === false;
      if ((isLost && isTyped(event)) || (isButtonOfConversation(target) && isLetter(event))) {
        held = null;
        if (registry.run('focus-composer')) return;
      }
      // Where nothing has the focus, the keys that move in a list still mean the list.
      const isList = target === document.body || target?.closest('[data-shortcuts="list"]') != null;
      const place = { isText: isTextField(target), isList };
      if (!registry.handle(event, place)) return;
      event.preventDefault();
      event.stopPropagation();
    };
    document.addEventListener('focusin', remember);
    window.addEventListener('keydown', listen);
    return () => {
      document.removeEventListener('focusin', remember);
      window.removeEventListener('keydown', listen);
    };
  }, [registry]);
}

/** It would write something in a text field, by itself or through an input method. */
function isTyped(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.altKey || event.metaKey) return false;
  return event.key.length === 1 || isForInputMethod(event);
}

function isLetter(event: KeyboardEvent): boolean {
  return isTyped(event) && /^[\p{L}\p{N}]$/u.test(event.key);
}

function isButtonOfConversation(element: Element | null): boolean {
  return element?.closest('[data-pane="conversation"] button') != null;
}

const TEXT_INPUTS = 'input:not([type="checkbox"], [type="radio"], [type="button"], [type="file"]), textarea, select';

function isTextField(element: Element | null): boolean {
  return element !== null && (element.matches(TEXT_INPUTS) || (element as HTMLElement).isContentEditable === true);
}
