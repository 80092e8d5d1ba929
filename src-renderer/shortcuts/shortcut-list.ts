/**
 * Every keyboard shortcut of the console, in one place.
 *
 * Rules, learnt from what breaks for people who type with an input method or on another layout:
 * - never Alt with a letter or digit, also not with Ctrl beside it (AltGr): that is how many layouts write letters;
 * - single keys only in places where nothing is written (`list`, `anywhere-but-text`);
 * - nothing that a browser keeps for itself without an alternative beside it, since the console also runs in one;
 * - while a composition is under way nothing fires at all (`readKeys`).
 *
 * Keys are written `Ctrl+Shift+K`; `Ctrl` means Command on a Mac. The first alternative is the one shown.
 */
export const SHORTCUTS = {
  'command-menu': { keys: ['Ctrl+K'], where: 'anywhere', group: 'go' },
  help: { keys: ['Ctrl+/', '?'], where: 'anywhere', group: 'go' },
  search: { keys: ['Ctrl+Shift+F', '/'], where: 'anywhere', group: 'go' },
  'next-pane': { keys: ['F6'], where: 'anywhere', group: 'go' },
  'previous-pane': { keys: ['Shift+F6'], where: 'anywhere', group: 'go' },
  'toggle-rail': { keys: ['Ctrl+B'], where: 'anywhere', group: 'go' },
  'toggle-sidebar': { keys: ['Ctrl+I'], where: 'anywhere', group: 'go' },
  undo: { keys: ['Ctrl+Z'], where: 'anywhere-but-text', group: 'go' },

  'next-tab': { keys: ['Ctrl+Alt+ArrowRight', 'Ctrl+Tab', 'Ctrl+PageDown'], where: 'anywhere', group: 'tabs' },
  'previous-tab': { keys: ['Ctrl+Alt+ArrowLeft', 'Ctrl+Shift+Tab', 'Ctrl+PageUp'], where: 'anywhere', group: 'tabs' },
  'tab-by-number': {
    keys: ['Ctrl+1', 'Ctrl+2', 'Ctrl+3', 'Ctrl+4', 'Ctrl+5', 'Ctrl+6', 'Ctrl+7', 'Ctrl+8', 'Ctrl+9'],
    where: 'anywhere',
    group: 'tabs',
  },
  'close-tab': { keys: ['Ctrl+Shift+X', 'Ctrl+W', 'Ctrl+F4'], where: 'anywhere', group: 'tabs' },
  'reopen-tab': { keys: ['Ctrl+Shift+Z'], where: 'anywhere-but-text', group: 'tabs' },

  'list-next': { keys: ['J', 'ArrowDown'], where: 'list', group: 'list' },
  'list-previous': { keys: ['K', 'ArrowUp'], where: 'list', group: 'list' },
  'list-open': { keys: ['Enter', 'O'], where: 'list', group: 'list' },
  'list-select': { keys: ['Space', 'X'], where: 'list', group: 'list' },
  'list-extend-down': { keys: ['Shift+ArrowDown', 'Shift+J'], where: 'list', group: 'list' },
  'list-extend-up': { keys: ['Shift+ArrowUp', 'Shift+K'], where: 'list', group: 'list' },
  'list-first': { keys: ['Home'], where: 'list', group: 'list' },
  'list-last': { keys: ['End'], where: 'list', group: 'list' },
  'list-select-all': { keys: ['Ctrl+A'], where: 'list', group: 'list' },
  'list-clear': { keys: ['Escape'], where: 'list', group: 'list' },
  'next-conversation': { keys: ['Ctrl+Alt+ArrowDown'], where: 'anywhere', group: 'list' },
  'previous-conversation': { keys: ['Ctrl+Alt+ArrowUp'], where: 'anywhere', group: 'list' },

  'focus-composer': { keys: ['Ctrl+J', 'R'], where: 'anywhere', group: 'conversation' },
  'toggle-note': { keys: ['Ctrl+Shift+H'], where: 'anywhere', group: 'conversation' },
  'canned-replies': { keys: ['Ctrl+Shift+L'], where: 'anywhere', group: 'conversation' },
  'attach-file': { keys: ['Ctrl+Shift+U'], where: 'anywhere', group: 'conversation' },
  'assign-to-me': { keys: ['Ctrl+Shift+M', 'M'], where: 'anywhere', group: 'conversation' },
  assign: { keys: ['Ctrl+Shift+A', 'A'], where: 'anywhere', group: 'conversation' },
  move: { keys: ['Ctrl+Shift+G', 'V'], where: 'anywhere', group: 'conversation' },
  snooze: { keys: ['Ctrl+Shift+S', 'S'], where: 'anywhere', group: 'conversation' },
  close: { keys: ['Ctrl+Shift+E', 'E'], where: 'anywhere', group: 'conversation' },
  escalate: { keys: ['Ctrl+Shift+Y'], where: 'anywhere', group: 'conversation' },
  tag: { keys: ['Ctrl+Shift+K', 'T'], where: 'anywhere', group: 'conversation' },
} as const satisfies Record<string, Shortcut>;

export interface Shortcut {
  keys: readonly string[];
  /**
   * `list`: while the conversation list has the focus, or nothing has. `anywhere-but-text`: not while text is being edited.
   * `anywhere`: also in a text field, but then only by alternatives with Ctrl or a function key.
   */
  where: 'anywhere' | 'anywhere-but-text' | 'list';
  /** Heading in the help. */
  group: 'go' | 'tabs' | 'list' | 'conversation';
}

export type ShortcutId = keyof typeof SHORTCUTS;
