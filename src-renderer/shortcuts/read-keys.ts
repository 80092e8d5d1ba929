/** What `readKeys` looks at; a `KeyboardEvent` has it all. */
export type KeyPress = Pick<
  KeyboardEvent,
  'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey' | 'isComposing' | 'keyCode'
>;

/** `keyCode` of a key that an input method keeps for itself; `isComposing` alone misses the first and last one. */
const INPUT_METHOD = 229;

/** Whether the key belongs to an input method (Telex, VNI, …) that is composing; nobody else may act on it. */
export function isForInputMethod(press: Pick<KeyPress, 'isComposing' | 'keyCode' | 'key'>): boolean {
  return press.isComposing || press.keyCode === INPUT_METHOD || press.key === 'Process' || press.key === 'Dead';
}

/**
 * The keys of a press as they are written in `SHORTCUTS`, or null for modifiers alone and for an input method.
 * Letters and digits are told by their place on the keyboard when the layout gives no Latin letter.
 */
export function readKeys(press: KeyPress): string | null {
  if (isForInputMethod(press)) return null;
  const key = nameOf(press);
  if (key === null) return null;
  const isPrintable = key.length === 1;
  const isLetter = isPrintable && key >= 'A' && key <= 'Z';
  // Shift is part of how `?` is typed, not a modifier of it.
  const hasShift = press.shiftKey && (!isPrintable || isLetter || press.ctrlKey || press.metaKey);
  const parts = [];
  if (press.ctrlKey || press.metaKey) parts.push('Ctrl');
  if (press.altKey) parts.push('Alt');
  if (hasShift) parts.push('Shift');
  return [...parts, key].join('+');
}

function nameOf({ key, code }: KeyPress): string | null {
  if (key === ' ') return 'Space';
  if (['Control', 'Shift', 'Alt', 'Meta', 'CapsLock', 'AltGraph', 'Unidentified'].includes(key)) return null;
  if (key.length !== 1) return key;
  if (/^[a-z0-9/?.,]$/i.test(key)) return key.toUpperCase();
  const letter = /^(?:Key|Digit)([A-Z0-9])$/.exec(code)?.[1];
  return letter ?? key.toUpperCase();
}
