import { createContext, useContext, useEffect, useRef } from 'react';
import type { ShortcutId } from './shortcut-list.ts';
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
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const target = event.target instanceof Element ? event.target : null;
      // Dialogs and menus have the keyboard to themselves, but for what opens and closes them.
      if (target?.closest('[role="dialog"], [role="menu"], [role="alertdialog"]')) return;
      // Where nothing has the focus, the keys that move in a list still mean the list.
      const isList = target === document.body || target?.closest('[data-shortcuts="list"]') != null;
      const place = { isText: isTextField(target), isList };
      if (!registry.handle(event, place)) return;
      event.preventDefault();
      event.stopPropagation();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [registry]);
}

const TEXT_INPUTS = 'input:not([type="checkbox"], [type="radio"], [type="button"], [type="file"]), textarea, select';

function isTextField(element: Element | null): boolean {
  return element !== null && (element.matches(TEXT_INPUTS) || (element as HTMLElement).isContentEditable === true);
}
