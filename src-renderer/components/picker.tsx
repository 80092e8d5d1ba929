import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react';
import { foldText } from '../../shared/primitives/fold-text.ts';
import type { ShortcutId } from '../shortcuts/shortcut-list.ts';
import { isForInputMethod } from '../shortcuts/read-keys.ts';
import { joinClasses } from './join-classes.ts';
import { KeyHint } from './key-hint.tsx';
import styles from './picker.module.css';

export interface PickerItem {
  id: string;
  label: string;
  /** Beside the label, quieter. */
  hint?: ReactNode;
  icon?: ReactNode;
  /** More words that find it. */
  words?: string;
  shortcut?: ShortcutId;
  disabledReason?: string;
  onPick: () => void;
}

export interface PickerGroup {
  id: string;
  label?: string;
  items: readonly PickerItem[];
}

/**
 * Awaited: what stands there is of a text before, and Enter waits for that of this one, so that it means what was typed.
 * Missing: it did not come; an Enter that waited means nothing any more, as nobody saw what it would pick.
 */
export type FoundElsewhereState = 'awaited' | 'there' | 'missing';

interface PickerProps {
  label: string;
  placeholder: string;
  groups: readonly PickerGroup[];
  emptyText: string;
  /** Told what is typed, for items that are found elsewhere; those come in already filtered. */
  onText?: (text: string) => void;
  /** Backspace in an empty field. */
  onBack?: () => void;
  /** In front of the field: what it is about. */
  topic?: ReactNode;
  /** Group ids whose items are not filtered here. */
  foundElsewhere?: readonly string[];
  foundElsewhereState?: FoundElsewhereState;
}

/** A field with a list below it: type to narrow (accents do not matter), arrows to move, Enter to pick. */
export function Picker({
  label,
  placeholder,
  groups,
  emptyText,
  onText,
  onBack,
  topic,
  foundElsewhere = [],
  foundElsewhereState = 'there',
}: PickerProps) {
  const id = useId();
  const [text, setText] = useState('');
  const [activeId, setActiveId] = useState<string | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const shown = useMemo(
    () =>
      (text.trim() === '' ? groups : narrow(groups, text, foundElsewhere)).filter((group) => group.items.length > 0),
    [groups, text, foundElsewhere],
  );
  const items = shown.flatMap((group) => group.items);
  const active = items.find((item) => item.id === activeId) ?? items[0];
  const optionId = (item: PickerItem) => `${id}-${item.id}`;

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [active?.id]);

  const [isPicking, setPicking] = useState(false);
  useEffect(() => {
    if (!isPicking || foundElsewhereState === 'awaited') return;
    setPicking(false);
    if (foundElsewhereState === 'there' && active !== undefined) pick(active);
  }, [isPicking, foundElsewhereState, active]);
  /** Not while an Enter waits, which means the first of what will stand there. */
  const choose = (item: PickerItem) => {
    if (!isPicking) setActiveId(item.id);
  };

  const press = (event: KeyboardEvent) => {
    if (isForInputMethod(event.nativeEvent)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && items.length > 0) {
      event.preventDefault();
      const index = active === undefined ? -1 : items.indexOf(active);
      choose(items[(index + step + items.length) % items.length]!);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      // What the arrows chose is meant, whatever else is found.
      if (foundElsewhereState === 'awaited' && activeId === null) setPicking(true);
      else if (active !== undefined) pick(active);
    } else if (event.key === 'Backspace' && text === '' && onBack !== undefined) {
      event.preventDefault();
      onBack();
    }
  };

  return (
    <div className={styles.picker}>
      <div className={styles.field}>
        {topic !== undefined && <span className={styles.topic}>{topic}</span>}
        <input
          className={styles.input}
          role="combobox"
          aria-label={label}
          aria-expanded
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={active === undefined ? undefined : optionId(active)}
          placeholder={placeholder}
          value={text}
          // What is typed after an Enter that waits is not meant for this field any more.
          readOnly={isPicking}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => {
            setText(event.target.value);
            setActiveId(null);
            onText?.(event.target.value);
          }}
          onKeyDown={press}
        />
      </div>
      <div
        ref={list}
        className={styles.list}
        id={`${id}-list`}
        role="listbox"
        aria-label={label}
        aria-busy={foundElsewhereState === 'awaited'}
      >
        {items.length === 0 && <p className={styles.empty}>{emptyText}</p>}
        {shown.map((group) => (
          <div key={group.id} role="group" aria-label={group.label}>
            {group.label !== undefined && <div className={styles.heading}>{group.label}</div>}
            {group.items.map((item) => (
              <div
                key={item.id}
                id={optionId(item)}
                role="option"
                aria-selected={item.id === active?.id}
                aria-disabled={item.disabledReason !== undefined}
                className={joinClasses(styles.item, item.id === active?.id && styles.active)}
                onPointerMove={() => choose(item)}
                onClick={() => pick(item)}
              >
                {item.icon !== undefined && <span className={styles.icon}>{item.icon}</span>}
                <span className={styles.label}>{item.label}</span>
                <span className={styles.hint}>{item.disabledReason ?? item.hint}</span>
                {item.shortcut !== undefined && <KeyHint shortcut={item.shortcut} />}
              </div>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

function pick(item: PickerItem): void {
  if (item.disabledReason === undefined) item.onPick();
}

function narrow(groups: readonly PickerGroup[], text: string, foundElsewhere: readonly string[]): PickerGroup[] {
  const words = foldText(text).split(/\s+/).filter(Boolean);
  const rank = (item: PickerItem) => {
    const label = foldText(item.label);
    const whole = `${label} ${foldText(item.words ?? '')}`;
    if (!words.every((word) => whole.includes(word))) return null;
    return label.startsWith(words[0]!) ? 0 : words.every((word) => label.includes(word)) ? 1 : 2;
  };
  return groups.map((group) => {
    if (foundElsewhere.includes(group.id)) return group;
    const ranked = group.items.map((item) => ({ item, rank: rank(item) })).filter((one) => one.rank !== null);
    return { ...group, items: ranked.toSorted((one, other) => one.rank! - other.rank!).map((one) => one.item) };
  });
}
