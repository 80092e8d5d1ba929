import { expect, test, vi } from 'vitest';
import en from '../locales/en/shell.json';
import { keyNames } from './key-names.ts';
import { type KeyPress, readKeys } from './read-keys.ts';
import { SHORTCUTS, type Shortcut, type ShortcutId } from './shortcut-list.ts';
import { ShortcutRegistry } from './shortcut-registry.ts';

const shortcuts = Object.entries(SHORTCUTS) as [ShortcutId, Shortcut][];
const all = shortcuts.flatMap(([id, { keys, where }]) => keys.map((key) => ({ id, key, where })));

function press(keys: string, more: Partial<KeyPress> = {}): KeyPress {
  const parts = keys.split('+');
  const name = parts.at(-1)!;
  const hasShift = parts.includes('Shift');
  const key = name === 'Space' ? ' ' : name.length === 1 && !hasShift ? name.toLowerCase() : name;
  return {
    key,
    code: /^[A-Z]$/.test(name) ? `Key${name}` : name,
    ctrlKey: parts.includes('Ctrl'),
    altKey: parts.includes('Alt'),
    shiftKey: hasShift,
    metaKey: false,
    isComposing: false,
    keyCode: 0,
    ...more,
  };
}

test('no shortcut takes Alt with a letter, digit or sign, with or without Ctrl (that is how layouts write letters)', () => {
  const wrong = all.filter(({ key }) => key.includes('Alt+') && key.split('+').at(-1)!.length === 1);
  expect(wrong).toEqual([]);
});

test('a single key is never a shortcut while text is edited', () => {
  const registry = new ShortcutRegistry();
  const act = vi.fn();
  for (const [id] of shortcuts) registry.register(id, act);
  const typed = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/?.,'].map((key) => ({
    ...press('X'),
    key,
    code: '',
    shiftKey: key !== key.toLowerCase(),
  }));
  for (const one of [...typed, press('Space'), press('Enter'), press('Escape'), press('ArrowDown'), press('Home')]) {
    expect(registry.handle(one, { isText: true, isList: false })).toBe(false);
  }
  expect(act).not.toHaveBeenCalled();
});

test('no two shortcuts that may meet share their keys', () => {
  const clashes = all.filter(
    ({ id, key, where }) =>
      where !== 'list' && all.some((other) => other.id !== id && other.key === key && other.where !== 'list'),
  );
  expect(clashes).toEqual([]);
  const ofList = all.filter(({ where }) => where === 'list').map(({ key }) => key);
  expect(new Set(ofList).size).toBe(ofList.length);
});

test('what browsers keep for themselves has an alternative beside it', () => {
  const reserved = [
    'Ctrl+N',
    'Ctrl+T',
    'Ctrl+W',
    'Ctrl+F4',
    'Ctrl+Tab',
    'Ctrl+Shift+Tab',
    'Ctrl+PageUp',
    'Ctrl+PageDown',
  ];
  for (const [id, { keys }] of shortcuts) {
    expect(
      keys.some((key) => !reserved.includes(key)),
      id,
    ).toBe(true);
    expect(reserved, `${id}: the first one is shown`).not.toContain(keys[0]);
  }
});

test('every shortcut can be pressed as it is written', () => {
  for (const { id, key } of all) {
    const made = key === '?' ? press('?', { shiftKey: true, code: 'Slash' }) : press(key);
    expect(readKeys(made), id).toBe(key);
  }
});

test('nothing fires while an input method composes (Telex, VNI)', () => {
  const registry = new ShortcutRegistry();
  const act = vi.fn();
  for (const [id] of shortcuts) registry.register(id, act);
  const place = { isText: false, isList: true };
  expect(registry.handle(press('J', { isComposing: true }), place)).toBe(false);
  expect(registry.handle(press('J', { keyCode: 229 }), place)).toBe(false);
  expect(registry.handle(press('J', { key: 'Process' }), place)).toBe(false);
  expect(registry.handle(press('Ctrl+K', { isComposing: true }), place)).toBe(false);
  expect(act).not.toHaveBeenCalled();
  expect(registry.handle(press('J'), place)).toBe(true);
});

test('letters are told by their place where the layout writes others', () => {
  expect(readKeys(press('K', { key: 'л', code: 'KeyK', ctrlKey: true }))).toBe('Ctrl+K');
  expect(readKeys(press('K', { key: 'k', code: 'KeyK', metaKey: true }))).toBe('Ctrl+K');
  expect(readKeys(press('K', { key: 'Shift', shiftKey: true }))).toBeNull();
});

test('list keys act in the list only, and whoever says "not mine" lets the next one try', () => {
  const registry = new ShortcutRegistry();
  const seen: string[] = [];
  registry.register('close', () => void seen.push('close'));
  registry.register('list-open', () => void seen.push('open'));
  const undo = registry.register('close', () => {
    seen.push('newer');
    return false;
  });
  expect(registry.handle(press('Enter'), { isText: false, isList: false })).toBe(false);
  expect(registry.handle(press('Enter'), { isText: false, isList: true })).toBe(true);
  expect(registry.handle(press('E'), { isText: false, isList: false })).toBe(true);
  undo();
  expect(registry.handle(press('Ctrl+Shift+E'), { isText: true, isList: false })).toBe(true);
  expect(seen).toEqual(['open', 'newer', 'close', 'close']);
});

test('the help says what each does, with the keys as they are called', () => {
  expect(Object.keys(en.help.does).toSorted()).toEqual(Object.keys(SHORTCUTS).toSorted());
  expect(keyNames('Ctrl+Alt+ArrowRight', 'Win32')).toEqual(['Ctrl', 'Alt', '→']);
  expect(keyNames('Ctrl+Alt+ArrowRight', 'MacIntel')).toEqual(['⌘', '⌥', '→']);
});
