import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import styles from './resizer.module.css';

interface ResizerProps {
  label: string;
  /** CSS pixels of the pane it sizes. */
  value: number;
  min: number;
  max: number;
  /** The pane lies `before` (left of) or `after` the handle. */
  pane: 'before' | 'after';
  onChange: (value: number) => void;
}

const STEP = 16;

/** The border between two panes: dragged, or moved by arrow keys. */
export function Resizer({ label, value, min, max, pane, onChange }: ResizerProps) {
  const drag = useRef<{ x: number; value: number } | null>(null);
  const sign = pane === 'before' ? 1 : -1;
  const set = (wanted: number) => onChange(Math.round(Math.min(max, Math.max(min, wanted))));

  const begin = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, value };
  };
  const move = (event: PointerEvent) => {
    if (drag.current !== null) set(drag.current.value + sign * (event.clientX - drag.current.x));
  };
  const press = (event: KeyboardEvent) => {
    const direction = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (direction === 0) return;
    event.preventDefault();
    set(value + sign * direction * STEP);
  };

  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={value}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      className={styles.resizer}
      onPointerDown={begin}
      onPointerMove={move}
      onPointerUp={() => (drag.current = null)}
      onPointerCancel={() => (drag.current = null)}
      onKeyDown={press}
    />
  );
}
