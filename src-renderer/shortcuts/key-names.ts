const SIGNS: Record<string, string> = {
  ArrowRight: '→',
  ArrowLeft: '←',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
  Backspace: '⌫',
  PageDown: 'PgDn',
  PageUp: 'PgUp',
};
const MAC_SIGNS: Record<string, string> = { Ctrl: '⌘', Alt: '⌥', Shift: '⇧', Enter: '⏎' };

/** `Ctrl+Alt+ArrowRight` as what stands on the keys: `Ctrl`, `Alt`, `→`; on a Mac `⌘`, `⌥`, `→`. */
export function keyNames(keys: string, platform: string): string[] {
  const isMac = platform.startsWith('Mac');
  return keys.split('+').map((key) => (isMac ? MAC_SIGNS[key] : undefined) ?? SIGNS[key] ?? key);
}
